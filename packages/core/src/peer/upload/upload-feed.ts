import type { Bulk } from '../../messaging/bulk.ts';
import type { UploadTransfer } from '../../messaging/bulk-transfer.ts';
import type { OutgoingExchange } from '../../messaging/exchange.ts';
import type { SourceReader } from './upload-source.ts';

/** Hands the bytes of a source to the session, as fast as they leave: it never holds more than two windows. */
export class UploadFeed {
  readonly #bulk: Bulk;
  readonly #exchange: OutgoingExchange;
  readonly #transfer: UploadTransfer;
  readonly #reader: SourceReader;
  readonly #size: number;
  readonly #sent: () => void;
  #wake: (() => void) | undefined;
  #stopped = false;

  /** @param size - bytes of a chunk */
  constructor(bulk: Bulk, exchange: OutgoingExchange, reader: SourceReader, size: number, sent: () => void) {
    this.#bulk = bulk;
    this.#exchange = exchange;
    this.#reader = reader;
    this.#size = size;
    this.#sent = sent;
    this.#transfer = bulk.open(exchange);
  }

  /** Reads to the end. @throws what the source throws */
  async run(): Promise<void> {
    const size = this.#size;
    // The source may use its buffers again, so its bytes are copied, once, into chunks of the right size.
    let chunk = new Uint8Array(size);
    let filled = 0;
    for (;;) {
      await this.#room();
      const piece = this.#stopped ? undefined : await this.#reader.next();
      if (this.#stopped) return;
      if (piece === undefined) break;
      for (let at = 0; at < piece.length;) {
        const part = piece.subarray(at, at + size - filled);
        chunk.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled < size) continue;
        await this.#room();
        if (this.#stopped) return;
        this.#give(chunk, false);
        chunk = new Uint8Array(size);
        filled = 0;
      }
    }
    await this.#room();
    this.#give(chunk.subarray(0, filled), true);
  }

  /** Bytes were acknowledged, or more may leave. */
  resume(): void {
    this.#wake?.();
  }

  /** The upload is over, whatever was left to read. */
  stop(): void {
    this.#stopped = true;
    this.#bulk.close(this.#transfer);
    this.resume();
  }

  #give(chunk: Uint8Array, ended: boolean): void {
    if (this.#stopped) return;
    this.#bulk.give(this.#transfer, chunk, ended);
    this.#sent();
  }

  async #room(): Promise<void> {
    while (!this.#stopped && !this.#hasRoom()) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
  }

  #hasRoom(): boolean {
    const { ahead } = this.#transfer;
    return this.#exchange.credit >= this.#size && ahead + this.#size <= 2 * this.#bulk.window.size;
  }
}
