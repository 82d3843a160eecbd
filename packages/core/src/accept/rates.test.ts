import { describe, expect, it } from 'vitest';
import { Kind } from '../wire/frame.ts';
import { defaultRates, rateOf, Rates, type RateLimits } from './rates.ts';

const limits: RateLimits = { ...defaultRates, control: { perSecond: 10, burst: 5 } };

/** How many of `tries` are allowed at one instant. */
function allowed(rates: Rates, name: keyof RateLimits, now: number, tries = 100): number {
  let count = 0;
  for (let n = 0; n < tries; n += 1) if (rates.allows(name, now)) count += 1;
  return count;
}

describe('a bucket', () => {
  it('lets its burst through at once, then what its rate allows', () => {
    const rates = new Rates(limits);
    expect(allowed(rates, 'control', 1_000)).toBe(5);
    expect(allowed(rates, 'control', 1_050)).toBe(0);
    expect(allowed(rates, 'control', 1_100)).toBe(1);
    expect(allowed(rates, 'control', 1_400)).toBe(3);
    expect(allowed(rates, 'control', 999_999)).toBe(5);
  });

  it('does not fill when the clock goes back', () => {
    const rates = new Rates(limits);
    expect(allowed(rates, 'control', 10_000)).toBe(5);
    expect(allowed(rates, 'control', 5_000)).toBe(0);
  });

  it('is one of its own for every name', () => {
    const rates = new Rates(limits);
    allowed(rates, 'control', 0);
    expect(allowed(rates, 'cancels', 0, 1_000)).toBe(512);
  });

  it('with an endless rate lets everything through', () => {
    expect(allowed(new Rates(limits), 'messages', 0, 100_000)).toBe(100_000);
  });

  it('allows exactly its rate in the long run', () => {
    const rates = new Rates(limits);
    let count = 0;
    for (let now = 0; now < 60_000; now += 7) if (rates.allows('control', now)) count += 1;
    expect(count).toBeGreaterThanOrEqual(600);
    expect(count).toBeLessThanOrEqual(606);
  });
});

it('counts frames by what they cost, and answers not at all', () => {
  const names = Object.entries(Kind).map(([name, kind]) => [name, rateOf([kind as number])]);
  expect(Object.fromEntries(names.filter(([, rate]) => rate !== undefined))).toEqual({
    message: 'messages',
    volatile: 'messages',
    request: 'requests',
    open: 'requests',
    cancel: 'cancels',
    ping: 'control',
    pong: 'control',
    subscribe: 'subscriptions',
    unsubscribe: 'subscriptions',
  });
});
