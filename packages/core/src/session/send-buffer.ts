import { Fifo } from '../shared/fifo.ts';
import type { SendItem } from './send-item.ts';

/** Bounds of what one end of a session keeps to send. Sizes in bytes. */
export interface SendLimits {
  /** Items not yet transmitted. */
  readonly queueCount: number;
  /** Bytes not yet transmitted. */
  readonly queueBytes: number;
  /** Items transmitted and not acknowledged. */
  readonly replayCount: number;
  /** Bytes transmitted and not acknowledged. */
  readonly replayBytes: number;
}

/**
 * Everything one end still has to send: numbered items waiting for their ack, then items never transmitted.
 *
 * An item gets its number when it is first transmitted, so dropping a queued one leaves no gap. While the replay part is
 * full nothing new is transmitted, which bounds what the peer can have in flight (`protocol/README.md` section 3).
 */
export class SendBuffer {
  readonly limits: SendLimits;
  #replay = new Fifo<SendItem>();
  #queue = new Fifo<SendItem>();
  /** How many items of the replay part went out on the present connection. */
  #cursor = 0;
  #lastSeq = 0;
  #replayBytes = 0;
  #queueCount = 0;
  #queueBytes = 0;
  #ackedReported = 0;

  constructor(limits: SendLimits) {
    this.limits = limits;
  }

  /** Number given last; 0 before the first. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Oldest number that can still be replayed. */
  get firstSeq(): number {
    return this.#lastSeq - this.#replay.length + 1;
  }

  get replayCount(): number {
    return this.#replay.length;
  }

  get replayBytes(): number {
    return this.#replayBytes;
  }

  get queueCount(): number {
    return this.#queueCount;
  }

  get queueBytes(): number {
    return this.#queueBytes;
  }

  /** Acknowledged messages and requests so far. */
  get acked(): number {
    return this.#ackedReported;
  }

  /** Whether the queue has room for one more item of this size. */
  hasRoom(bytes: number): boolean {
    return this.#queueCount < this.limits.queueCount && this.#queueBytes + bytes <= this.limits.queueBytes;
  }

  /** Whether both parts together are past their bounds: nothing more can be kept. */
  get overfull(): boolean {
    const { queueCount, queueBytes, replayCount, replayBytes } = this.limits;
    return (
      this.#queueCount + this.#replay.length > queueCount + replayCount ||
      this.#queueBytes + this.#replayBytes > queueBytes + replayBytes
    );
  }

  push(item: SendItem): void {
    this.#queue.push(item);
    this.#queueCount += 1;
    this.#queueBytes += item.bytes;
  }

  /** Size of what {@link next} would return; `undefined` when nothing may be transmitted. */
  peekBytes(): number | undefined {
    const waiting = this.#replay.at(this.#cursor);
    if (waiting !== undefined) return waiting.bytes;
    this.#skipWithdrawn();
    const head = this.#queue.at(0);
    if (head === undefined) return undefined;
    const { replayCount, replayBytes } = this.limits;
    // An empty replay part takes any single item, or one larger than the bound would wait for ever.
    const fits =
      this.#replay.length === 0 ||
      (this.#replay.length < replayCount && this.#replayBytes + head.bytes <= replayBytes);
    return fits ? head.bytes : undefined;
  }

  /** Takes the next item to transmit, numbering it if it is new. Call only after {@link peekBytes} gave a size. */
  next(): SendItem {
    const waiting = this.#replay.at(this.#cursor);
    if (waiting !== undefined) {
      this.#cursor += 1;
      return waiting;
    }
    const item = this.#queue.shift() as SendItem;
    this.#queueCount -= 1;
    this.#queueBytes -= item.bytes;
    this.#lastSeq += 1;
    item.seq = this.#lastSeq;
    this.#replay.push(item);
    this.#replayBytes += item.bytes;
    this.#cursor += 1;
    return item;
  }

  /** Forgets what the peer has accepted; returns how many items that were, -1 when it names a number never sent. */
  acknowledge(ack: number): number {
    if (ack > this.#lastSeq) return -1;
    let freed = 0;
    for (let head = this.#replay.at(0); head !== undefined && head.seq <= ack; head = this.#replay.at(0)) {
      this.#replay.shift();
      this.#replayBytes -= head.bytes;
      if (head.kind !== 'reply') this.#ackedReported += 1;
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
    this.#queueCount -= 1;
    this.#queueBytes -= item.bytes;
    if (this.#queue.length > 64 && this.#queue.length > this.#queueCount * 2) {
      this.#queue.retain((other) => other.encoded !== undefined);
    }
    return true;
  }

  /** Withdraws and returns the oldest queued message, for the policy `drop-oldest`. */
  dropOldest(): SendItem | undefined {
    for (let i = 0; i < this.#queue.length; i += 1) {
      const item = this.#queue.at(i);
      if (item?.kind === 'message' && item.encoded !== undefined) return this.withdraw(item) ? item : undefined;
    }
    return undefined;
  }

  /** Items that were transmitted and not acknowledged, oldest first. */
  unacknowledged(): SendItem[] {
    return this.#replay.toArray();
  }

  /** Items never transmitted, oldest first. */
  unsent(): SendItem[] {
    return this.#queue.toArray().filter((item) => item.encoded !== undefined);
  }

  /** Frees everything. */
  clear(): void {
    this.#replay.clear();
    this.#queue.clear();
    this.#cursor = 0;
    this.#replayBytes = 0;
    this.#queueCount = 0;
    this.#queueBytes = 0;
  }

  #skipWithdrawn(): void {
    for (let head = this.#queue.at(0); head !== undefined && head.encoded === undefined; head = this.#queue.at(0)) {
      this.#queue.shift();
    }
  }
}
