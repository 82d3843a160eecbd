import { TokenBucket, type Rate } from './token-bucket.ts';

/**
 * Who may dial: so many at once, so many in a second, in the order in which they came.
 *
 * After {@link DialGate.enter} and {@link DialGate.leave}, and when {@link DialGate.deadline} has come, the caller takes
 * those who may begin from {@link DialGate.admit}.
 */
export class DialGate<T> {
  readonly #atOnce: number;
  readonly #bucket: TokenBucket;
  readonly #waiting = new Set<T>();
  readonly #dialing = new Set<T>();

  constructor(atOnce: number, rate: Rate, now: number) {
    this.#atOnce = atOnce;
    this.#bucket = new TokenBucket(rate, now);
  }

  /** How many were admitted and have not left. */
  get dialing(): number {
    return this.#dialing.size;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  enter(one: T): void {
    this.#waiting.add(one);
  }

  /** It connected, failed, or does not want to any more. */
  leave(one: T): void {
    this.#waiting.delete(one);
    this.#dialing.delete(one);
  }

  /** Those who may begin now. */
  admit(now: number): T[] {
    const admitted: T[] = [];
    for (const one of this.#waiting) {
      if (this.#dialing.size >= this.#atOnce || !this.#bucket.take(now)) break;
      this.#waiting.delete(one);
      this.#dialing.add(one);
      admitted.push(one);
    }
    return admitted;
  }

  /** When somebody may be admitted by the passing of time alone, milliseconds; `Infinity` when not. */
  get deadline(): number {
    return this.#waiting.size > 0 && this.#dialing.size < this.#atOnce ? this.#bucket.readyAt : Infinity;
  }
}
