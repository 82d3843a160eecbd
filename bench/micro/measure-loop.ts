import { summarize } from '../measure/statistics.ts';

/** Runs of a loop, and how long each takes, milliseconds. */
const samples = 15;
const sampleTime = 20;

/** Nanoseconds of one call of `fn`, in a warm loop: the median of several samples. */
export function nanosecondsOf(fn: () => unknown): number {
  let sink: unknown;
  let count = 64;
  const time = (): number => {
    const began = performance.now();
    for (let i = 0; i < count; i += 1) sink = fn();
    return performance.now() - began;
  };
  while (time() < sampleTime) count *= 2;
  const figures = Array.from({ length: samples }, () => (time() / count) * 1e6);
  // Read once, so that no engine finds the loop useless.
  if (sink === figures) throw new Error('unreachable');
  return summarize(figures).median;
}
