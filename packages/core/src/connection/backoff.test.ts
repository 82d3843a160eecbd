import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffCeiling, localDelay, retryDelay, serverDelay } from './backoff.ts';
import type { BackoffContext, Pace } from './backoff.ts';
import { defaultRetryPolicy as policy } from './retry-policy.ts';

const at = (random: number, spread = 0): BackoffContext => ({ random: () => random, policy, spread });
const duration = fc.integer({ min: 0, max: 600_000 });
const contexts: fc.Arbitrary<BackoffContext> = fc.record({
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }).map((value) => () => value),
  policy: fc.record({ minDelay: duration, maxDelay: duration }),
  spread: duration,
});
const attempts = fc.integer({ min: 1, max: 2_000 });
const paces: fc.Arbitrary<Pace> = fc.constantFrom('local', 'spread', 'backoff');

describe('the first try after a loss', () => {
  it.each<[Pace, number, number]>([
    ['local', 0, 1_000],
    ['local', 5_000, 1_000],
    ['spread', 0, 200],
    ['spread', 199, 200],
    ['spread', 5_000, 5_000],
  ])('%s with a spread of %i ms comes within %i ms', (pace, spread, window) => {
    expect(retryDelay(1, pace, at(0, spread))).toBe(0);
    expect(retryDelay(1, pace, at(0.5, spread))).toBe(window / 2);
    expect(retryDelay(1, pace, at(1, spread))).toBe(window);
  });

  it('waits like a second one when the server is overloaded', () => {
    expect(retryDelay(1, 'backoff', at(0))).toBe(250);
    expect(retryDelay(1, 'backoff', at(1))).toBe(1_250);
  });

  it('keeps to a short maxDelay', () => {
    const short = { ...at(1), policy: { minDelay: 0, maxDelay: 50 } };
    expect([retryDelay(1, 'local', short), retryDelay(1, 'spread', short), localDelay(short)]).toEqual([50, 50, 50]);
  });
});

describe('later tries', () => {
  it.each(['local', 'spread', 'backoff'] as const)('back off whatever the cause (%s)', (pace) => {
    const most = [2, 3, 4, 5, 6, 7, 8, 5_000].map((attempt) => retryDelay(attempt, pace, at(1, 90_000)));
    expect(most).toEqual([1_250, 2_250, 4_250, 8_250, 16_250, 30_250, 30_250, 30_250]);
    expect(retryDelay(6, pace, at(0, 90_000))).toBe(250);
    expect(retryDelay(3, pace, at(0.25))).toBe(750);
  });
});

describe('what the server asks for', () => {
  it('is a floor, spread upwards', () => {
    expect(serverDelay(20_000, at(0, 800))).toBe(20_000);
    expect(serverDelay(20_000, at(0.5, 800))).toBe(20_400);
  });

  it('is not less than the close code asks for', () => {
    expect(serverDelay(2_000, at(0, 800), 10_000)).toBe(10_000);
    expect(serverDelay(12_000, at(0, 800), 10_000)).toBe(12_000);
    expect(serverDelay(Number.NaN, at(0, 800), 10_000)).toBe(10_000);
  });

  it.each([undefined, 0, -1, Number.NaN, Number.NEGATIVE_INFINITY])('is nothing when it is nonsense: %s', (ms) => {
    expect(serverDelay(ms, at(0.5, 800))).toBe(0);
  });

  it('ends after a day, and so does the spread', () => {
    const day = 86_400_000;
    expect(serverDelay(Number.POSITIVE_INFINITY, at(0))).toBe(day);
    expect(serverDelay(1, at(1, 1e300))).toBe(1 + day);
    expect(retryDelay(1, 'spread', at(1, Number.POSITIVE_INFINITY))).toBe(day);
    expect(retryDelay(1, 'spread', at(1, Number.NaN))).toBe(200);
  });
});

describe('bounds', () => {
  it('is never negative and never above minDelay + maxDelay + spread', () => {
    fc.assert(
      fc.property(attempts, paces, contexts, (attempt, pace, context) => {
        const delay = retryDelay(attempt, pace, context);
        const { minDelay, maxDelay } = context.policy;
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(minDelay + maxDelay + context.spread);
        if (attempt > 1) expect(delay).toBeGreaterThanOrEqual(minDelay);
        expect(localDelay(context)).toBeLessThanOrEqual(Math.min(1_000, maxDelay));
      }),
      { numRuns: 1_000 },
    );
  });

  it('has a ceiling that never sinks from try to try and stays under maxDelay', () => {
    fc.assert(
      fc.property(attempts, contexts, (attempt, { policy: some }) => {
        const ceiling = backoffCeiling(attempt, some);
        expect(backoffCeiling(attempt + 1, some)).toBeGreaterThanOrEqual(ceiling);
        expect(ceiling).toBeLessThanOrEqual(some.maxDelay);
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps a floor finite, not below what was asked, and not above it by more than the spread', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 86_400_000, noNaN: true }), contexts, (retryAfter, context) => {
        const floor = serverDelay(retryAfter, context);
        expect(floor).toBeGreaterThanOrEqual(retryAfter);
        expect(floor).toBeLessThanOrEqual(retryAfter + context.spread);
      }),
      { numRuns: 1_000 },
    );
  });
});
