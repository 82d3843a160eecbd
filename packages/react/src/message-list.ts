import { frames } from './frame-scheduler.ts';

/** When what arrived is shown: with the next animation frame, or at once. */
export type Batch = 'frame' | 'none';

/** The empty list, shared so that it equals itself; also what a server renders. */
export const noMessages: readonly never[] = Object.freeze([]);

/**
 * The last `limit` messages as immutable snapshots, which change when a frame comes and not for each message.
 */
export class MessageList {
  #limit: number;
  #shown: readonly unknown[] = noMessages;
  #arrived: unknown[] = [];
  #listeners = new Set<() => void>();

  /** @throws RangeError when `limit` is less than 1 */
  constructor(limit: number) {
    this.#limit = checkLimit(limit);
  }

  add(message: unknown, batch: Batch = 'frame'): void {
    this.#arrived.push(message);
    // Trimmed by halves: dropping the oldest one by one would move the whole array for each message.
    if (this.#arrived.length >= this.#limit * 2) this.#arrived = this.#arrived.slice(-this.#limit);
    if (batch === 'none') this.#flush();
    else frames.schedule(this.#flush);
  }

  /** Keeps `limit` messages from now on. @throws RangeError when it is less than 1 */
  resize(limit: number): void {
    this.#limit = checkLimit(limit);
    if (this.#shown.length > limit) frames.schedule(this.#flush);
  }

  /** Takes in what arrived and waits for no frame; for when nobody looks any more. */
  settle(): void {
    frames.cancel(this.#flush);
    if (this.#arrived.length === 0 && this.#shown.length <= this.#limit) return;
    const all = this.#shown.concat(this.#arrived);
    this.#arrived = [];
    this.#shown = all.slice(Math.max(0, all.length - this.#limit));
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The messages shown, oldest first; the same array until the next flush. */
  readonly messages = (): readonly unknown[] => this.#shown;

  /** The newest message shown. */
  readonly last = (): unknown => this.#shown.at(-1);

  #flush = (): void => {
    this.settle();
    for (const listener of this.#listeners) listener();
  };
}

function checkLimit(limit: number): number {
  if (limit >= 1) return limit;
  throw new RangeError(`useMessages needs a limit of at least 1 message, not ${limit}.`);
}
