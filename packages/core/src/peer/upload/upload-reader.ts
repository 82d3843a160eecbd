import { systemError } from '../../shared/errors.ts';
import { explain } from '../../shared/explain.ts';
import type { IncomingExchange } from '../../messaging/exchange.ts';
import { exchangesOf } from '../exchanges-of.ts';
import type { PeerHost } from '../peer-host.ts';
import type { Schema } from '../definitions.ts';
import { validate } from '../validate.ts';

/** So many bytes read at once let as many more come. */
const grant = 262_144;

/**
 * The bytes of an upload for its handler; reading them lets more come.
 *
 * They can be iterated once. Leaving the loop drops what still comes.
 */
export class UploadReader implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array> {
  readonly #host: PeerHost;
  readonly #exchange: IncomingExchange;
  readonly #schema: Schema;
  readonly #signal: AbortSignal;
  /** Why the upload was refused because of its bytes; the uploader knows. */
  refused: unknown;
  /** Wakes whoever asked, in order. */
  #wake: (() => void) | undefined;
  #read = 0;
  #left = false;

  constructor(host: PeerHost, exchange: IncomingExchange, schema: Schema, signal: AbortSignal) {
    this.#host = host;
    this.#exchange = exchange;
    this.#schema = schema;
    this.#signal = signal;
    signal.addEventListener('abort', this.resume);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Bytes came, or nothing more will. */
  readonly resume = (): void => {
    if (this.#left) this.#exchange.bytes?.splice(0);
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  };

  /** @throws the signal's reason once nobody wants the answer; what the schema says */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const { bytes = [] } = this.#exchange;
    for (;;) {
      this.#signal.throwIfAborted();
      const piece = this.#left ? undefined : bytes.shift();
      if (piece !== undefined) {
        this.#took(piece.length);
        const { value, problem } = validate(this.#host.validation !== 'off', this.#schema, piece);
        if (problem === undefined) return { done: false, value: value as Uint8Array };
        const text = explain ? `The bytes do not match the contract: ${problem}` : '';
        exchangesOf(this.#host).refuse(this.#exchange, 'INVALID_INPUT', text);
        this.#host.wake();
        this.refused = systemError('INVALID_INPUT', text);
        throw this.refused;
      }
      if (this.#left || this.#exchange.ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        const before = this.#wake;
        this.#wake = () => {
          before?.();
          resolve();
        };
      });
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#left = true;
    this.resume();
    return { done: true, value: undefined };
  }

  #took(length: number): void {
    this.#read += length;
    if (this.#read < grant || this.#exchange.ended) return;
    exchangesOf(this.#host).allow(this.#exchange, this.#read);
    this.#read = 0;
    this.#host.wake();
  }
}
