import { TimerWheel, type WheelTimer } from '../shared/timer-wheel.ts';
import { systemClock, type Clock } from './clock.ts';

/**
 * The clock of this machine with one native timer for all: for processes that hold many connections.
 *
 * Timers ring as those of {@link systemClock} do, never early, and later by at most 1 ms (less than a second ahead), 32 ms
 * (less than 16 s) or 256 ms. They keep the process alive exactly as long as timers of their own would.
 */
export function wheelClock(): Clock {
  shared ??= makeClock();
  return shared;
}

/** One for the process, as its native timer is; made at the first question. */
let shared: Clock | undefined;

function makeClock(): Clock {
  const wheel = new TimerWheel();
  let native: ReturnType<typeof setTimeout> | undefined;
  let armedAt = Infinity;
  let ringing = false;

  const arm = (now: number): void => {
    const at = wheel.nextAt;
    // One that rings early finds nothing and is set anew, so it is moved to an earlier instant only.
    if (ringing || at >= armedAt) return;
    clearTimeout(native);
    armedAt = at;
    native = setTimeout(ring, Math.max(1, at - now));
  };
  const ring = (): void => {
    const now = wholeNow();
    // The native clock and this one cut off their fractions at different points.
    const reached = now + 1 >= armedAt ? Math.max(now, armedAt) : now;
    armedAt = Infinity;
    ringing = true;
    try {
      for (let fn; (fn = wheel.take(reached)) !== undefined;) fn();
    } finally {
      // Also when one threw: the others must not wait for somebody to set a timer.
      ringing = false;
      arm(wholeNow());
    }
  };
  return {
    ...systemClock(),
    setTimer(fn, delay) {
      const now = wholeNow();
      // Upwards, or the fraction cut off here and that of the native clock would add up.
      const timer = wheel.set(fn, Math.ceil(performance.now() + delay), now);
      // It is never due before its instant, and what is armed earlier looks again by itself.
      if (timer.at < armedAt) arm(now);
      return timer;
    },
    clearTimer(timer) {
      if (timer !== undefined) wheel.clear(timer as WheelTimer);
      if (wheel.size > 0) return;
      // A process with nothing left to do may leave.
      clearTimeout(native);
      armedAt = Infinity;
    },
  };
}

/** Whole milliseconds of the monotonic clock, which native timers follow as well. */
function wholeNow(): number {
  return Math.floor(performance.now());
}
