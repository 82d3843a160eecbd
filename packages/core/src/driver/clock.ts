import { browserOnly } from '../shared/platform.ts';

/** Time and chance, handed in so that tests can own them. */
export interface Clock {
  /** Milliseconds since the epoch that never go back and count sleep. */
  now(): number;
  /** A number in [0, 1). Used for jitter only, never for secrets. */
  random(): number;
  /** Runs `fn` once after `delay` milliseconds; the returned value is given to {@link Clock.clearTimer}. */
  setTimer(fn: () => void, delay: number): unknown;
  clearTimer(timer: unknown): void;
  /** Runs `fn` after the current synchronous work (a microtask). */
  defer(fn: () => void): void;
}

/**
 * The clock of this machine.
 *
 * `now` advances by the larger of the monotonic and the wall clock's step: the monotonic one stands still while a
 * laptop sleeps, the wall clock may be set back. See `protocol/README.md` section 6, HB3.
 */
export function systemClock(): Clock {
  shared ??= makeClock();
  return shared;
}

/** One for all connections of this process; made at the first question, since importing must touch nothing. */
let shared: Clock | undefined;

function makeClock(): Clock {
  let mono = performance.now();
  let wall = Date.now();
  let now = wall;
  const settled = /* @__PURE__ */ Promise.resolve();
  return {
    now() {
      const m = performance.now();
      const w = Date.now();
      now += Math.max(m - mono, w - wall, 0);
      mono = m;
      wall = w;
      return now;
    },
    random: Math.random,
    setTimer: (fn, delay) => setTimeout(fn, delay),
    clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
    // Node makes a resource to trace for each `queueMicrotask`, which costs several times as much.
    defer: browserOnly ? (fn) => queueMicrotask(fn) : (fn) => void settled.then(() => attempt(fn)),
  };
}

/** Runs it; what it throws is uncaught, as that of a timer, and no rejection. */
function attempt(fn: () => void): void {
  try {
    fn();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
