import { Fifo } from '../shared/fifo.ts';
import type { SendItem } from './send-item.ts';
import type { SendLimits } from './send-limits.ts';

/**
 * Everything one end still has to send: numbered items waiting for their ack, then items never transmitted.
 *
 * An item gets its number when it is first transmitted, so dropping a queued one leaves no gap. While the replay part is
 * full nothing new is transmitted, which bounds what the peer can have in flight (`protocol/README.md` section 3). The
 * counters are for reading.
 */
export class SendBuffer {
  readonly limits: SendLimits;
  /** Number given last; 0 before the first. */
  lastSeq = 0;
  /** Acknowledged messages and requests so far. */
  acked = 0;
  /** Items never transmitted. */
  queueCount = 0;
  /** Their bytes. */
  queueBytes = 0;
  /** Bytes transmitted and not acknowledged. */
  replayBytes = 0;
  readonly #replay = new Fifo<SendItem>();
  readonly #queue = new Fifo<SendItem>();
  /** How many items of the replay part went out on the present connection. */
  #cursor = 0;

  constructor(limits: SendLimits) {
    this.limits = limits;
  }

  /** Items transmitted and not acknowledged. */
  get replayCount(): number {
    return this.#replay.length;
  }

  /** Oldest number that can still be replayed. */
  get firstSeq(): number {
    return this.lastSeq - this.#replay.length + 1;
  }

  /** Whether the queue has room for one more item of this size. */
  hasRoom(bytes: number): boolean {
    return this.queueCount < this.limits.queueCount && this.queueBytes + bytes <= this.limits.queueBytes;
  }

  /** Whether both parts together are past their bounds: nothing more can be kept. */
  get overfull(): boolean {
    const { queueCount, queueBytes, replayCount, replayBytes } = this.limits;
    return (
      this.queueCount + this.#replay.length > queueCount + replayCount ||
      this.queueBytes + this.replayBytes > queueBytes + replayBytes
    );
  }

  push(item: SendItem): void {
    this.#queue.push(item);
    this.queueCount += 1;
    this.queueBytes += item.bytes;
  }

  /** Takes the next item to transmit, if it is not larger than `room` bytes, numbering it if it is new. */
  next(room: number): SendItem | undefined {
    let item = this.#replay.at(this.#cursor);
    if (item === undefined) {
      for (item = this.#queue.at(0); item !== undefined && item.encoded === undefined; item = this.#queue.at(0)) {
        this.#queue.shift();
      }
      if (item === undefined || item.bytes > room || !this.#mayReplay(item.bytes)) return undefined;
      this.#queue.shift();
      this.queueCount -= 1;
      this.queueBytes -= item.bytes;
      this.replayBytes += item.bytes;
      this.lastSeq += 1;
      item.seq = this.lastSeq;
      this.#replay.push(item);
    } else if (item.bytes > room) return undefined;
    this.#cursor += 1;
    return item;
  }

  /** Forgets what the peer has accepted; returns how many items that were, -1 when it names a number never sent. */
  acknowledge(ack: number): number {
    if (ack > this.lastSeq) return -1;
    let freed = 0;
    for (let head = this.#replay.at(0); head !== undefined && head.seq <= ack; head = this.#replay.at(0)) {
      this.#replay.shift();
      this.replayBytes -= head.bytes;
      if (head.kind !== 'reply') this.acked += 1;
      freed += 1;
    }
    this.#cursor = Math.max(0, this.#cursor - freed);
    return freed;
  }

  /** A new connection begins: all that is not acknowledged goes out again, same numbers, same bytes. */
  rewind(): void {
    this.#cursor = 0;
  }

  /** Takes back an item that was not transmitted yet; returns whether that was still possible. */
  withdraw(item: SendItem): boolean {
    if (item.seq !== 0 || item.encoded === undefined) return false;
    item.encoded = undefined;
    this.queueCount -= 1;
    this.queueBytes -= item.bytes;
    // Sending and withdrawing in a loop must not grow the queue.
    if (this.#queue.length > this.queueCount * 2 + 64) this.#queue.retain(isKept);
    return true;
  }

  /** Withdraws and returns the oldest queued message, for the policy `drop-oldest`. */
  dropOldest(): SendItem | undefined {
    for (let i = 0; i < this.#queue.length; i += 1) {
      const item = this.#queue.at(i);
      if (item?.kind === 'message' && this.withdraw(item)) return item;
    }
    return undefined;
  }

  /** Items that were transmitted and not acknowledged, oldest first. */
  unacknowledged(): SendItem[] {
    return this.#replay.toArray();
  }

  /** Items never transmitted, oldest first. */
  unsent(): SendItem[] {
    return this.#queue.toArray().filter(isKept);
  }

  /** Frees everything. */
  clear(): void {
    this.#replay.retain(() => false);
    this.#queue.retain(() => false);
    this.#cursor = this.queueCount = this.queueBytes = this.replayBytes = 0;
  }

  /** An empty replay part takes any single item, or one larger than the bound would wait for ever. */
  #mayReplay(bytes: number): boolean {
    const { length } = this.#replay;
    return length === 0 || (length < this.limits.replayCount && this.replayBytes + bytes <= this.limits.replayBytes);
  }
}

function isKept(item: SendItem): boolean {
  return item.encoded !== undefined;
}
