/**
 * Functions that are told about something, in the order they were added.
 *
 * A listener may add or remove listeners while it runs: those added are first told next time, those removed are not
 * told any more. What a listener throws goes to `onError`; the others still run.
 */
export class Listeners<Args extends readonly unknown[]> {
  #entries: { readonly listener: (...args: Args) => void; active: boolean }[] = [];
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  get size(): number {
    return this.#entries.length;
  }

  add(listener: (...args: Args) => void): () => void {
    const entry = { listener, active: true };
    // A new array on every change lets a running `tell` finish on the old one.
    this.#entries = [...this.#entries, entry];
    return () => {
      if (!entry.active) return;
      entry.active = false;
      this.#entries = this.#entries.filter((other) => other !== entry);
    };
  }

  clear(): void {
    for (const entry of this.#entries) entry.active = false;
    this.#entries = [];
  }

  tell(...args: Args): void {
    const entries = this.#entries;
    for (let i = 0; i < entries.length; i += 1) {
      const entry = entries[i];
      if (!entry?.active) continue;
      try {
        entry.listener(...args);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
