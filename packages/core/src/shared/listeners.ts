/**
 * Functions that are told about named things, in the order they were added.
 *
 * A listener may add or remove listeners while it runs: those added are first told next time, those removed are not
 * told any more. What a listener throws goes to `onError`; the others still run.
 */
export class Listeners<Events extends Record<string, readonly unknown[]>> {
  /** Made when the first one comes: thousands of connections have none. */
  #byName: Map<string, Set<readonly [listener: (...args: never) => void]>> | undefined;
  readonly #onError: (name: string, error: unknown) => void;

  constructor(onError: (name: string, error: unknown) => void) {
    this.#onError = onError;
  }

  /** Whether anybody listens to this. */
  has(name: string): boolean {
    return Boolean(this.#byName?.get(name)?.size);
  }

  /** Everything anybody ever listened to. */
  names(): Iterable<string> {
    return this.#byName?.keys() ?? [];
  }

  /** Adds a listener, as often as it is given; returns the function that removes it. */
  add<Name extends keyof Events & string>(name: Name, listener: (...args: Events[Name]) => void): () => void {
    this.#byName ??= new Map();
    const entries = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, entries);
    const entry = [listener] as const;
    entries.add(entry);
    return () => void entries.delete(entry);
  }

  tell<Name extends keyof Events & string>(name: Name, ...args: Events[Name]): void {
    const entries = this.#byName?.get(name);
    // A copy, so that those added meanwhile wait for the next time.
    for (const entry of [...(entries ?? [])]) {
      try {
        if (entries?.has(entry)) entry[0](...(args as never));
      } catch (error) {
        this.#onError(name, error);
      }
    }
  }

  clear(): void {
    for (const entries of this.#byName?.values() ?? []) entries.clear();
  }
}
