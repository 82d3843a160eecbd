import type { Clock } from '../driver/clock.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fn: () => void;
}

/** More rounds than any sane code takes without the time moving; an error shows a loop better than a test that hangs. */
const maxRounds = 100_000;
/** How many turns of the microtask queue count as "everything that is ready has run". */
const settleTurns = 64;

/**
 * A clock that moves only when told to, with a seeded chance: hours of backoff in no real time, the same run every time.
 *
 * `defer` runs at the end of the real microtask queue as well, so code that is not advanced still makes progress.
 */
export class ManualClock implements Clock {
  #now: number;
  #seed: number;
  #order = 0;
  #timers: Timer[] = [];
  #deferred: (() => void)[] = [];
  #microtask = false;
  /** Timers that rang in a row without the time moving. */
  #rounds = 0;

  /** @param seed - of {@link ManualClock.random}; @param start - epoch milliseconds */
  constructor(seed = 1, start = 1_700_000_000_000) {
    this.#seed = seed;
    this.#now = start;
  }

  /** Timers that are armed, for leak checks. */
  get pending(): number {
    return this.#timers.length;
  }

  /** When the next timer rings, epoch milliseconds; `Infinity` when none is armed. */
  get nextAt(): number {
    return this.#timers[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  readonly now = (): number => this.#now;

  /** mulberry32: small, fast, and good enough for jitter. */
  readonly random = (): number => {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };

  setTimer(fn: () => void, delay: number): unknown {
    this.#order += 1;
    const timer: Timer = { at: this.#now + Math.max(0, delay), order: this.#order, fn };
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#timers[middle] as Timer).at <= timer.at) low = middle + 1;
      else high = middle;
    }
    this.#timers.splice(low, 0, timer);
    return timer;
  }

  clearTimer(timer: unknown): void {
    const index = this.#timers.indexOf(timer as Timer);
    if (index !== -1) this.#timers.splice(index, 1);
  }

  defer(fn: () => void): void {
    this.#deferred.push(fn);
    if (this.#microtask) return;
    this.#microtask = true;
    queueMicrotask(() => {
      this.#microtask = false;
      this.runDeferred();
    });
  }

  /** Runs what was deferred, and what that defers. */
  runDeferred(): void {
    for (let round = 0; this.#deferred.length > 0; round += 1) {
      if (round === maxRounds) throw new Error('Something keeps deferring itself; the time would never move on.');
      const deferred = this.#deferred;
      this.#deferred = [];
      for (const fn of deferred) fn();
    }
  }

  /** Lets promises that are ready run, without moving the time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < settleTurns; turn += 1) {
      this.runDeferred();
      await Promise.resolve();
    }
    this.runDeferred();
  }

  /** Moves the time on by `duration` milliseconds, ringing every timer on the way. */
  async advance(duration: number): Promise<void> {
    const target = this.#now + duration;
    await this.settle();
    while (this.nextAt <= target) {
      this.#ring();
      await this.settle();
    }
    this.#now = target;
  }

  /** As {@link ManualClock.advance} for code without promises: much faster. */
  advanceSync(duration: number): void {
    const target = this.#now + duration;
    this.runDeferred();
    while (this.nextAt <= target) {
      this.#ring();
      this.runDeferred();
    }
    this.#now = target;
  }

  /** The time jumps without anything running, as when a laptop sleeps; overdue timers ring on the next advance. */
  jump(duration: number): void {
    this.#now += duration;
  }

  #ring(): void {
    const timer = this.#timers.shift() as Timer;
    this.#rounds = timer.at > this.#now ? 0 : this.#rounds + 1;
    if (this.#rounds === maxRounds)
      throw new Error('A timer keeps arming itself for now; the time would never move on.');
    this.#now = Math.max(this.#now, timer.at);
    timer.fn();
  }
}
