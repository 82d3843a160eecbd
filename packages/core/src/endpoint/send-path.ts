import { explain } from '../shared/explain.ts';
import { systemError, type SystemError } from '../shared/errors.ts';
import type { SendBuffer } from '../session/send-buffer.ts';
import type { SendItem, SendItemKind } from '../session/send-item.ts';
import type { Codec, Encoded } from '../wire/codec.ts';
import type { Frame } from '../wire/frame.ts';
import type { EndpointEffect } from './endpoint-io.ts';
import { makeRoom, type OverflowPolicy } from './overflow.ts';

/** From a frame to its place in the send buffer: encoding, size limit, overflow policy. */
export class SendPath {
  readonly #codec: Codec;
  readonly #buffer: SendBuffer;
  readonly #overflow: OverflowPolicy;
  readonly #effects: EndpointEffect[];
  /** Largest frame the peer accepts, bytes; this end's own limit until the peer has told. */
  largest: number;
  attached = false;
  /** Whether the session is over: nothing is taken any more. */
  over = false;

  constructor(codec: Codec, buffer: SendBuffer, overflow: OverflowPolicy, largest: number, effects: EndpointEffect[]) {
    this.#codec = codec;
    this.#buffer = buffer;
    this.#overflow = overflow;
    this.#effects = effects;
    this.largest = largest;
  }

  /** Encodes a frame the peer will accept. @throws HawserError `TOO_LARGE`, `INVALID_INPUT` */
  encode(name: string, frame: Frame): Encoded {
    const encoded = this.#codec.encodeFrame(frame);
    this.#check(name, encoded);
    return encoded;
  }

  /** @throws HawserError `QUEUE_FULL`, `TOO_LARGE` */
  queue(kind: SendItemKind, name: string, encoded: Encoded): SendItem {
    const bytes = this.#check(name, encoded);
    const item: SendItem = { kind, name, bytes, encoded, seq: 0 };
    if (!this.over) this.#enqueue(item);
    else if (kind !== 'reply') {
      // Taken silently, it would be in no account of what was lost.
      const text = explain && `"${name}" was not sent: more is waiting than can be kept, and the session ends now.`;
      throw systemError('QUEUE_FULL', text);
    }
    return item;
  }

  /** Withdraws the queued items a peer that turned out stricter does not accept; returns them with their error. */
  withdrawOversized(): (readonly [SendItem, SystemError])[] {
    return this.#buffer
      .unsent()
      .filter((item) => item.bytes > this.largest && this.#buffer.withdraw(item))
      .map((item) => [item, tooLarge(item.name, item.bytes, this.largest)]);
  }

  #check(name: string, encoded: Encoded): number {
    const bytes = this.#codec.byteLength(encoded);
    if (bytes > this.largest) throw tooLarge(name, bytes, this.largest);
    return bytes;
  }

  #enqueue(item: SendItem): void {
    const dropped = makeRoom(this.#buffer, item, this.#overflow);
    for (const { name } of dropped) {
      const text = explain && `"${name}" was dropped from the full send queue, as the overflow policy says.`;
      this.#effects.push({ type: 'dropped', name, error: systemError('QUEUE_FULL', text) });
    }
    if (dropped.includes(item)) return;
    this.#buffer.push(item);
    // What waits here could not be written because nothing is acknowledged. Half the room is left for the time away.
    const { queueCount, queueBytes, limits } = this.#buffer;
    const slow = this.#overflow === 'disconnect' && (queueCount * 2 > limits.queueCount || queueBytes * 2 > limits.queueBytes);
    if (this.#buffer.overfull) {
      // Decided here and now: a session that cannot be replayed must not hold memory (rule 9).
      this.over = true;
      this.#effects.push({ type: 'lost', why: 'overflow' });
    } else if (slow && this.attached) {
      this.attached = false;
      this.#effects.push({ type: 'close', code: 4541, reason: 'slow consumer' });
    }
  }
}

function tooLarge(name: string, bytes: number, limit: number): SystemError {
  const text =
    explain &&
    `"${name}" takes ${bytes} bytes and the other side accepts ${limit}. Split it, or raise the limit on the other side.`;
  return systemError('TOO_LARGE', text, { data: { bytes, limit } });
}
