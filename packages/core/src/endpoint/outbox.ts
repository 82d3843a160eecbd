import type { Session } from '../session/session.ts';
import type { Codec, Encoded } from '../wire/codec.ts';

/** A packet is closed when it holds this many frames or bytes: a heartbeat behind it must not wait long. */
const maxFrames = 128;
const maxBytes = 16_384;
/** More control frames than this in one go are a flood of the other side's making; the rest goes unanswered. */
const maxControl = 16;
/** Volatile frames that may wait for one flush, in bytes. */
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
    const bytes = this.#codec.byteLength(encoded);
    if (this.#volatileBytes + bytes > maxVolatileBytes) return;
    this.#volatile.push(encoded);
    this.#volatileBytes += bytes;
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
    if (!ackDue && this.#idle()) return undefined;
    const frames = this.#control;
    this.#control = [];
    let seq = 0;
    let bytes = 0;
    const { outbound } = this.#session;
    while (frames.length < maxFrames) {
      const size = outbound.peekBytes();
      if (size === undefined || (seq !== 0 && bytes + size > maxBytes)) break;
      const item = outbound.next();
      if (seq === 0) seq = item.seq;
      bytes += size;
      frames.push(item.encoded as Encoded);
    }
    bytes = this.#takeVolatile(frames, bytes);
    const { received } = this.#session;
    // Owed and yet no news: the peer repeated itself, so it has not seen the last ack.
    const ack = ackDue || received > this.#ackSent ? received : 0;
    if (frames.length === 0 && ack === 0) return undefined;
    this.#ackSent = received;
    return this.#codec.encodePacket(seq, ack, frames);
  }

  #idle(): boolean {
    return this.#control.length === 0 && this.#volatile.length === 0 && this.#session.outbound.peekBytes() === undefined;
  }

  #takeVolatile(frames: Encoded[], used: number): number {
    let bytes = used;
    let taken = 0;
    for (const encoded of this.#volatile) {
      const size = this.#codec.byteLength(encoded);
      if (frames.length >= maxFrames || (bytes > 0 && bytes + size > maxBytes)) break;
      frames.push(encoded);
      bytes += size;
      this.#volatileBytes -= size;
      taken += 1;
    }
    if (taken > 0) this.#volatile = this.#volatile.slice(taken);
    return bytes;
  }
}
