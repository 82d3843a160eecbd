import { TokenBucket, type Rate } from './token-bucket.ts';

/**
 * One rate for many senders: whoever finds nothing left waits in line, and what comes is shared out from the head of the
 * line in equal parts.
 *
 * When {@link FairRate.deadline} has come the caller has those whom {@link FairRate.grant} names send, and says
 * {@link FairRate.settle} when they have.
 */
export class FairRate<T> {
  readonly #bucket: TokenBucket;
  readonly #waiting = new Set<T>();
  /** What was shared out and not taken yet. */
  readonly #granted = new Map<T, number>();

  constructor(rate: Rate, now: number) {
    this.#bucket = new TokenBucket(rate, now);
  }

  /** Whether it may send one now; if not, it stands in line. */
  take(one: T, now: number): boolean {
    const granted = this.#granted.get(one) ?? 0;
    if (granted > 0) {
      this.#granted.set(one, granted - 1);
      return true;
    }
    // What is there belongs to those who wait already.
    if (this.tryTake(now)) return true;
    this.#waiting.add(one);
    return false;
  }

  /** As {@link FairRate.take}, for what is not sent later. */
  tryTake(now: number): boolean {
    return this.#waiting.size === 0 && this.#bucket.take(now);
  }

  /** It sends no more. */
  leave(one: T): void {
    this.#waiting.delete(one);
    this.#granted.delete(one);
  }

  /** Shares out what is there; returns those who got something. */
  grant(now: number): T[] {
    const bucket = this.#bucket;
    bucket.refill(now);
    const share = Math.max(1, Math.floor(bucket.tokens / this.#waiting.size));
    const lucky: T[] = [];
    for (const one of this.#waiting) {
      let got = 0;
      while (got < share && bucket.take(now)) got += 1;
      if (got === 0) break;
      this.#waiting.delete(one);
      this.#granted.set(one, got);
      lucky.push(one);
    }
    return lucky;
  }

  /** What nobody took goes back. */
  settle(): void {
    for (const left of this.#granted.values()) this.#bucket.tokens += left;
    this.#granted.clear();
  }

  /** When there is something to share out, milliseconds; `Infinity` when nobody waits. */
  get deadline(): number {
    return this.#waiting.size > 0 ? this.#bucket.readyAt : Infinity;
  }
}
