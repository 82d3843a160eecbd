import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryDelay } from './backoff.ts';
import type { BackoffContext, Pace } from './backoff.ts';
import { defaultRetryPolicy as policy } from './retry-policy.ts';

const at = (random: number, spread = 0): BackoffContext => ({ random: () => random, policy, spread });
const duration = fc.integer({ min: 0, max: 600_000 });
const contexts: fc.Arbitrary<BackoffContext> = fc.record({
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }).map((value) => () => value),
  policy: fc.record({ minDelay: duration, maxDelay: duration }).map((some) => ({ ...policy, ...some })),
  spread: duration,
});
const attempts = fc.integer({ min: 0, max: 2_000 });
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
});

describe('a good moment', () => {
  it('is used within a second, whatever spread the server asked for', () => {
    expect(retryDelay(0, 'spread', at(0, 90_000))).toBe(0);
    expect(retryDelay(0, 'spread', at(1, 90_000))).toBe(1_000);
  });

  it('keeps to a short maxDelay, as a local cause does', () => {
    const short = { ...at(1), policy: { ...policy, maxDelay: 50 } };
    expect([retryDelay(0, 'spread', short), retryDelay(1, 'local', short)]).toEqual([50, 50]);
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
    expect(retryDelay(1, 'spread', at(0, 800), 20_000)).toBe(20_000);
    expect(retryDelay(1, 'spread', at(0.5, 800), 20_000)).toBe(20_400);
    expect(retryDelay(0, 'spread', at(0.5, 800), 20_000)).toBe(20_400);
  });

  it('does not shorten a longer wait', () => {
    expect(retryDelay(8, 'spread', at(1, 800), 20_000)).toBe(30_250);
  });

  it.each([undefined, 0, -1, Number.NaN, -Infinity])('is nothing when it is nonsense: %s', (ms) => {
    expect(retryDelay(3, 'spread', at(0.5, 800), ms)).toBe(retryDelay(3, 'spread', at(0.5, 800)));
  });

  it('ends after a day', () => {
    expect(retryDelay(1, 'spread', at(0), Infinity)).toBe(86_400_000);
  });
});

describe('bounds', () => {
  it('is never negative and never above minDelay + maxDelay + spread, or the window without a cap', () => {
    fc.assert(
      fc.property(attempts, paces, contexts, (attempt, pace, context) => {
        const delay = retryDelay(attempt, pace, context);
        const { minDelay, maxDelay } = context.policy;
        expect(delay).toBeGreaterThanOrEqual(attempt > 1 ? minDelay : 0);
        expect(delay).toBeLessThanOrEqual(Math.max(minDelay + maxDelay, context.spread, 200));
        if (attempt === 0 && pace !== 'backoff') expect(delay).toBeLessThanOrEqual(Math.min(1_000, maxDelay));
      }),
      { numRuns: 1_000 },
    );
  });

  it('never sinks from try to try, given the same chance', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 2_000 }), paces, contexts, (attempt, pace, context) => {
        expect(retryDelay(attempt + 1, pace, context)).toBeGreaterThanOrEqual(retryDelay(attempt, pace, context));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is not below what the server asked for, and not above it by more than the spread', () => {
    const asked = fc.double({ min: 1, max: 86_400_000, noNaN: true });
    fc.assert(
      fc.property(asked, attempts, paces, contexts, (retryAfter, attempt, pace, context) => {
        const delay = retryDelay(attempt, pace, context, retryAfter);
        const own = retryDelay(attempt, pace, context);
        expect(delay).toBeGreaterThanOrEqual(Math.max(own, retryAfter));
        expect(delay).toBeLessThanOrEqual(Math.max(own, retryAfter + context.spread));
      }),
      { numRuns: 1_000 },
    );
  });
});
