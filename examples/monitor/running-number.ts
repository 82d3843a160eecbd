import type { Tally } from './contract.ts';

/**
 * Counts a row of running numbers as they arrive, and what is wrong with it.
 *
 * Both directions use it: a page on the service's samples, the service on each page's beats.
 */
export class RunningNumber {
  #first = 0;
  #last = 0;
  #received = 0;
  #missing = 0;
  #duplicates = 0;

  /** Takes the next number. The first one ever sets where counting starts. */
  accept(n: number): void {
    if (this.#first === 0) {
      this.#first = n;
    } else if (n <= this.#last) {
      this.#duplicates++;
      return;
    } else {
      this.#missing += n - this.#last - 1;
    }
    this.#last = n;
    this.#received++;
  }

  /** Where the row stands; all zero before the first number. */
  tally(): Tally {
    return {
      first: this.#first,
      last: this.#last,
      received: this.#received,
      missing: this.#missing,
      duplicates: this.#duplicates,
    };
  }
}
