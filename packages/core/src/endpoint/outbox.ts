import type { Session } from '../session/session.ts';
import type { Codec, Encoded } from '../wire/codec.ts';

/** A packet is closed when it holds this many frames or bytes: a heartbeat behind it must not wait long. */
const maxFrames = 128;
const maxBytes = 16_384;
/** More control frames than this in one go are a flood of the other side's making; the rest goes unanswered. */
const maxControl = 16;
/** Volatile frames that may wait for one flush, bytes. */
const maxVolatileBytes = 262_144;

/** Joins what leaves together: control first, then the session's frames in order, then volatile ones. */
export class Outbox {
  readonly #codec: Codec;
  readonly #session: Session;
  #control: Encoded[] = [];
  #volatile: Encoded[] = [];
  #volatileBytes = 0;
  #ackSent = 0;

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

  /** A connection begins or ended: nothing unsequenced survives it, and the handshake told the peer the position. */
  reset(): void {
    this.#control = [];
    this.#volatile = [];
    this.#volatileBytes = 0;
    this.#ackSent = this.#session.received;
  }

  /** @param ackDue - whether an ack must leave even alone */
  nextPacket(ackDue: boolean): Encoded | undefined {
    const { outbound, received } = this.#session;
    const frames = this.#control;
    let seq = 0;
    let bytes = 0;
    const add = (encoded: Encoded, size: number): void => {
      frames.push(encoded);
      bytes += size;
    };
    while (frames.length < maxFrames) {
      const item = outbound.next(seq === 0 ? Infinity : maxBytes - bytes);
      if (item === undefined) break;
      seq ||= item.seq;
      add(item.encoded as Encoded, item.bytes);
    }
    let head: Encoded | undefined;
    while (bytes < maxBytes && frames.length < maxFrames && (head = this.#volatile.shift()) !== undefined) {
      const size = this.#codec.byteLength(head);
      this.#volatileBytes -= size;
      add(head, size);
    }
    // Owed and yet no news: the peer repeated itself, so it has not seen the last ack.
    const ack = ackDue || received > this.#ackSent ? received : 0;
    if (frames.length === 0 && !ackDue) return undefined;
    this.#control = [];
    this.#ackSent = received;
    return this.#codec.encodePacket(seq, ack, frames);
  }
}
