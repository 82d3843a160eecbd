import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds a transfer takes at least, so that there is time to cut the cable in the middle. */
const showTime = 6_000;
/** Milliseconds that are worth a timer. */
const worthWaiting = 5;

/** Slows work down to what a person can follow. A service without an audience leaves this out. */
export class Pace {
  readonly #each: number;
  #owed = 0;

  /**
   * @param total - units of work in all
   * @param slowest - milliseconds one unit may take, however few there are
   */
  constructor(total: number, slowest: number) {
    this.#each = Math.min(slowest, showTime / Math.max(1, total));
  }

  /** So much was done; waits when it went too fast. */
  async did(units: number): Promise<void> {
    this.#owed += units * this.#each;
    if (this.#owed < worthWaiting) return;
    const wait = this.#owed;
    this.#owed = 0;
    await sleep(wait);
  }
}
