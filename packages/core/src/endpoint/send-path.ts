import { systemError, type SystemError } from '../shared/errors.ts';
import type { SendBuffer } from '../session/send-buffer.ts';
import type { SendItem, SendItemKind } from '../session/send-item.ts';
import type { Codec, Encoded } from '../wire/codec.ts';
import type { Frame } from '../wire/frame.ts';
import type { EndpointEffect } from './endpoint-io.ts';
import { makeRoom, type OverflowPolicy } from './overflow.ts';

/** From a frame to its place in the send buffer: encoding, size limit, overflow policy. */
export class SendPath {
  readonly codec: Codec;
  readonly #buffer: SendBuffer;
  readonly #overflow: OverflowPolicy;
  readonly #effects: (effect: EndpointEffect) => void;
  /** Largest frame the peer accepts; this end's own limit until the peer has told. */
  #largest: number;
  #attached = false;
  #over = false;

  constructor(
    codec: Codec,
    buffer: SendBuffer,
    overflow: OverflowPolicy,
    largest: number,
    effects: (effect: EndpointEffect) => void,
  ) {
    this.codec = codec;
    this.#buffer = buffer;
    this.#overflow = overflow;
    this.#largest = largest;
    this.#effects = effects;
  }

  /** Whether the session is over: nothing is taken any more. */
  get over(): boolean {
    return this.#over;
  }

  attach(largest: number): void {
    this.#attached = true;
    this.#largest = largest;
  }

  detach(): void {
    this.#attached = false;
  }

  end(): void {
    this.#over = true;
    this.#attached = false;
  }

  /** @throws HawserError `QUEUE_FULL`, `TOO_LARGE` */
  queue(kind: SendItemKind, name: string, encoded: Encoded): SendItem {
    const bytes = this.codec.byteLength(encoded);
    if (kind !== 'reply' && bytes > this.#largest) throw tooLarge(name, bytes, this.#largest);
    const item: SendItem = { kind, name, bytes, encoded, seq: 0 };
    this.#enqueue(item);
    return item;
  }

  /** Encodes and queues a frame that answers or stops something; throws when it is too large for the peer. */
  reply(frame: Frame): void {
    const encoded = this.codec.encodeFrame(frame);
    const bytes = this.codec.byteLength(encoded);
    if (bytes > this.#largest) throw tooLarge('The answer', bytes, this.#largest);
    this.#enqueue({ kind: 'reply', name: '', bytes, encoded, seq: 0 });
  }

  /** Encodes a frame that will not be queued. @throws HawserError `TOO_LARGE`, `INVALID_INPUT` */
  encodeVolatile(name: string, frame: Frame): Encoded {
    const encoded = this.codec.encodeFrame(frame);
    const bytes = this.codec.byteLength(encoded);
    if (bytes > this.#largest) throw tooLarge(name, bytes, this.#largest);
    return encoded;
  }

  /** Withdraws the queued items a peer that turned out stricter does not accept; returns them with their error. */
  withdrawOversized(): (readonly [SendItem, SystemError])[] {
    return this.#buffer
      .unsent()
      .filter((item) => item.bytes > this.#largest && this.#buffer.withdraw(item))
      .map((item) => [item, tooLarge(item.name, item.bytes, this.#largest)]);
  }

  #enqueue(item: SendItem): void {
    if (this.#over) return;
    const verdict = makeRoom(this.#buffer, item, this.#overflow);
    if (!verdict.take) {
      if (verdict.error !== undefined) throw verdict.error;
      this.#dropped(item.name);
      return;
    }
    for (const dropped of verdict.dropped) this.#dropped(dropped.name);
    this.#buffer.push(item);
    if (this.#buffer.overfull) {
      // Decided here and now: a session that cannot be replayed must not hold memory (rule 9).
      this.#over = true;
      this.#effects({ type: 'lost', why: 'overflow' });
    } else if (verdict.slow && this.#attached) {
      this.#attached = false;
      this.#effects({ type: 'close', code: 4541, reason: 'slow consumer' });
    }
  }

  #dropped(name: string): void {
    const error = systemError('QUEUE_FULL', `"${name}" was dropped from the full send queue, as the overflow policy says.`);
    this.#effects({ type: 'dropped', name, error });
  }
}

function tooLarge(name: string, bytes: number, limit: number): SystemError {
  return systemError(
    'TOO_LARGE',
    `"${name}" takes ${bytes} bytes and the other side accepts ${limit}. Split it, or raise the limit on the other side.`,
    { data: { bytes, limit } },
  );
}
