import type { Reading } from './reading.ts';

/** What a server pushes, for libraries that read subscriptions from an async iterable. */
export class PushQueue {
  readonly #waiting: Reading[] = [];
  #wake: (() => void) | undefined;
  #open = true;

  push(reading: Reading): void {
    this.#waiting.push(reading);
    this.#wake?.();
  }

  end(): void {
    this.#open = false;
    this.#wake?.();
  }

  async *read(): AsyncGenerator<Reading, void, void> {
    while (this.#open) {
      // A copy per burst: shifting a long array costs more than what is measured.
      for (const reading of this.#waiting.splice(0)) yield reading;
      if (this.#waiting.length === 0 && this.#open) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
