import type { Session } from '../session/session.ts';
import type { Codec, Encoded } from '../wire/codec.ts';

/** A packet is closed when it holds this many frames or bytes: a heartbeat behind it must not wait long. */
const maxFrames = 128;
export const fullPacket: number = 16_384;
/** More control frames than this in one go are a flood of the other side's making; the rest goes unanswered. */
const maxControl = 16;
/** Volatile frames that may wait for one flush, bytes. */
const maxVolatileBytes = 262_144;

/** The most that two numbers and what encloses them take in a packet, bytes. */
export const packetOverhead: number = 48;

/** Joins what leaves together: control first, then the session's frames in order, then volatile ones. */
export class Outbox {
  /** Largest packet the peer accepts, bytes. */
  largest: number = Infinity;
  readonly #codec: Codec;
  readonly #session: Session;
  #control: Encoded[] = [];
  #volatile: Encoded[] = [];
  #volatileBytes = 0;

  constructor(codec: Codec, session: Session) {
    this.#codec = codec;
    this.#session = session;
  }

  addControl(encoded: Encoded): void {
    if (this.#control.length < maxControl) this.#control.push(encoded);
  }

  addVolatile(encoded: Encoded): void {
    const bytes = this.#volatileBytes + this.#codec.byteLength(encoded);
    if (bytes > maxVolatileBytes) return;
    this.#volatile.push(encoded);
    this.#volatileBytes = bytes;
  }

  /** A connection begins or ended: nothing unsequenced survives it. */
  reset(): void {
    this.#control = [];
    this.#volatile = [];
    this.#volatileBytes = 0;
  }

  /**
   * @param ackOwed - whether something came in since the last ack left, be it a repetition: the peer may not know
   * @param ackDue - whether that ack must leave even alone
   */
  nextPacket(ackOwed: boolean, ackDue: boolean): Encoded | undefined {
    const { outbound, received } = this.#session;
    const room = this.largest - packetOverhead;
    const frames = this.#control;
    let seq = 0;
    let bytes = 0;
    for (const encoded of frames) bytes += this.#codec.byteLength(encoded) + 1;
    const add = (encoded: Encoded, size: number): void => {
      frames.push(encoded);
      // Text has a comma between frames.
      bytes += size + 1;
    };
    while (frames.length < maxFrames) {
      // A frame that is alone leaves whatever its size: it was checked when it was queued.
      const most = frames.length === 0 ? Infinity : Math.min(room, seq === 0 ? Infinity : fullPacket) - bytes;
      const item = outbound.next(most);
      if (item === undefined) break;
      seq ||= item.seq;
      add(item.encoded as Encoded, item.bytes);
    }
    while (bytes < fullPacket && frames.length < maxFrames && this.#volatile.length > 0) {
      const head = this.#volatile[0] as Encoded;
      const size = this.#codec.byteLength(head);
      if (frames.length > 0 && bytes + size > room) break;
      this.#volatile.shift();
      this.#volatileBytes -= size;
      add(head, size);
    }
    if (frames.length === 0 && !ackDue) return undefined;
    this.#control = [];
    return this.#codec.encodePacket(seq, ackOwed ? received : 0, frames);
  }
}
