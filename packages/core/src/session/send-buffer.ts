import type { SendItem } from './send-item.ts';
import type { SharedLimits } from './send-limits.ts';

/** Whether the application learns what became of it. */
export function isReported({ kind }: SendItem): boolean {
  return kind !== 'reply';
}

/**
 * Everything one end still has to send: numbered items waiting for their ack, then items never transmitted.
 *
 * An item gets its number when it is first transmitted, so dropping a queued one leaves no gap. While the replay part is
 * full nothing new is transmitted, which bounds what the peer can have in flight (`protocol/README.md` section 3). The
 * counters are for reading.
 */
export class SendBuffer {
  readonly limits: SharedLimits;
  /** Number given last; 0 before the first. */
  lastSeq = 0;
  /** Acknowledged messages and calls so far. */
  acked = 0;
  /** Items transmitted and not acknowledged. */
  replayCount = 0;
  /** Their bytes. */
  replayBytes = 0;
  /** Bytes never transmitted. */
  queueBytes = 0;
  /** The replay part, then the queue. */
  readonly #items: SendItem[] = [];
  /** How many items of the replay part went out on the present connection. */
  #cursor = 0;
  /** First unacknowledged number at the last close as too big. */
  #suspect = 0;

  constructor(limits: SharedLimits) {
    this.limits = limits;
  }

  /** Items of both parts. */
  get size(): number {
    return this.#items.length;
  }

  /** Items never transmitted. */
  get queueCount(): number {
    return this.size - this.replayCount;
  }

  /** Oldest number that can still be replayed. */
  get firstSeq(): number {
    return this.lastSeq - this.replayCount + 1;
  }

  /** Whether the queue has room for one more item of this size. */
  hasRoom(bytes: number): boolean {
    return this.queueCount < this.limits.queueCount && this.queueBytes + bytes <= this.limits.queueBytes;
  }

  /** Whether both parts together are past their bounds: nothing more can be kept. */
  get overfull(): boolean {
    const { queueCount, queueBytes, replayCount, replayBytes } = this.limits;
    // One item larger than the bound is let through, and is no reason to give up what the queue has room for.
    return (
      this.size > queueCount + (replayCount || 1) ||
      (this.queueBytes > queueBytes && this.queueBytes + this.replayBytes > queueBytes + replayBytes)
    );
  }

  push(item: SendItem): void {
    this.#items.push(item);
    this.queueBytes += item.bytes;
  }

  /** Takes the next item to transmit, if it is not larger than `room` bytes, numbering it if it is new. */
  next(room: number): SendItem | undefined {
    const item = this.#items[this.#cursor];
    if (item === undefined || item.bytes > room) return undefined;
    if (item.seq === 0) {
      const { replayCount, replayBytes, congested } = this.limits;
      // An empty replay part takes any single item, or one larger than the bound would wait for ever.
      const tooLarge = this.replayBytes > 0 && this.replayBytes + item.bytes > replayBytes;
      if (tooLarge || this.replayCount >= (replayCount || 1) || congested?.()) return undefined;
      this.replayCount += 1;
      this.replayBytes += item.bytes;
      this.queueBytes -= item.bytes;
      this.lastSeq += 1;
      item.seq = this.lastSeq;
    }
    this.#cursor += 1;
    return item;
  }

  /** Numbers a chunk, which goes past the queue; nothing is left to replay when this is called, and there is room. */
  pass(chunk: SendItem): void {
    this.#items.splice(this.replayCount, 0, chunk);
    this.replayCount += 1;
    this.lastSeq += 1;
    chunk.seq = this.lastSeq;
    this.#cursor = this.replayCount;
  }

  /** Forgets what the peer has accepted; false when it names a number never sent. Older acks than the last are ignored. */
  acknowledge(ack: number): boolean {
    const freed = ack - this.firstSeq + 1;
    if (freed > 0 && ack <= this.lastSeq) {
      for (const item of this.#items.splice(0, freed)) {
        this.replayBytes -= item.bytes;
        if (isReported(item)) this.acked += 1;
      }
      this.replayCount -= freed;
      this.#cursor = Math.max(0, this.#cursor - freed);
      this.#suspect = 0;
    }
    return ack <= this.lastSeq;
  }

  /** Whether a peer that has received up to here could go on. */
  canResume(peerReceived: number): boolean {
    return peerReceived >= this.firstSeq - 1 && peerReceived <= this.lastSeq;
  }

  /**
   * A connection begins: all that the peer lacks goes out again, same numbers, same bytes (rule 1); false when that is
   * impossible.
   */
  resume(peerReceived: number): boolean {
    this.#cursor = 0;
    return this.canResume(peerReceived) && this.acknowledge(peerReceived);
  }

  /** Takes back an item that was not transmitted yet; returns whether that was still possible. */
  withdraw(item: SendItem): boolean {
    const place = this.#items.indexOf(item, this.replayCount);
    if (place < 0) return false;
    this.#items.splice(place, 1);
    this.queueBytes -= item.bytes;
    return true;
  }

  /** Withdraws and returns the oldest queued message, for the policy `drop-oldest`. */
  dropOldest(): SendItem | undefined {
    const oldest = this.unsent().find(({ kind }) => kind === 'message');
    if (oldest !== undefined) this.withdraw(oldest);
    return oldest;
  }

  /** Messages and calls that were transmitted completely and are not acknowledged, oldest first. */
  unacknowledged(): SendItem[] {
    return this.#items.slice(0, this.replayCount).filter(isReported);
  }

  /** Messages and calls never transmitted, oldest first. */
  unsent(): SendItem[] {
    return this.#items.slice(this.replayCount).filter(isReported);
  }

  /** Takes the queue out. */
  takeUnsent(): SendItem[] {
    this.queueBytes = 0;
    return this.#items.splice(this.replayCount);
  }

  /**
   * The peer or something between closed the connection as too big (1009).
   *
   * @returns true on the second time in a row without progress past the same message: sending it again would close the
   * link for ever (rule 12)
   */
  closedTooBig(): boolean {
    if (this.replayCount === 0) return false;
    const poisoned = this.#suspect === this.firstSeq;
    this.#suspect = this.firstSeq;
    return poisoned;
  }
}
