/** How often something may happen. */
export interface Rate {
  /** In the long run. */
  readonly perSecond: number;
  /** At once, after a pause. */
  readonly burst: number;
}

/** Permissions that come at a steady rate and are kept up to a bound; full at its beginning. */
export class TokenBucket {
  /** As of the last {@link TokenBucket.refill}. */
  tokens: number;
  readonly #rate: Rate;
  #at: number;

  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.tokens = rate.burst;
    this.#at = now;
  }

  refill(now: number): void {
    const { perSecond, burst } = this.#rate;
    // Without the clock's going back, Infinity times nothing would be no number.
    if (now > this.#at) this.tokens = Math.min(burst, this.tokens + ((now - this.#at) * perSecond) / 1_000);
    this.#at = Math.max(this.#at, now);
  }

  /** Takes one; false when there is none. */
  take(now: number): boolean {
    this.refill(now);
    // A little less than one, or rounding would make somebody wait twice.
    if (this.tokens < 1 - 1e-9) return false;
    this.tokens -= 1;
    return true;
  }

  /** When there is one, milliseconds. */
  get readyAt(): number {
    return this.#at + Math.max(0, 1 - this.tokens) * (1_000 / this.#rate.perSecond);
  }
}
