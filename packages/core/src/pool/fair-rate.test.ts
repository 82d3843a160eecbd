import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairRate } from './fair-rate.ts';

/** Lets everybody send what they have, as a pool does, for so long; returns who sent when. */
function run(
  rate: FairRate<string>,
  backlog: Map<string, number>,
  from: number,
  until: number,
): { who: string; at: number }[] {
  const sent: { who: string; at: number }[] = [];
  let now = from;
  const turn = (who: string): void => {
    for (let left = backlog.get(who) ?? 0; left > 0; left -= 1) {
      if (!rate.take(who, now)) break;
      backlog.set(who, left - 1);
      sent.push({ who, at: now });
    }
  };
  for (const who of backlog.keys()) turn(who);
  while ((now = Math.ceil(rate.deadline)) <= until) {
    for (const who of rate.grant(now)) turn(who);
    rate.settle();
  }
  return sent;
}

describe('FairRate', () => {
  it('never lets more go than the rate, in any stretch of time, and wastes none while somebody waits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.nat(60), { minLength: 1, maxLength: 8 }),
        (perSecond, burst, backlogs) => {
          const rate = new FairRate<string>({ perSecond, burst }, 0);
          const total = backlogs.reduce((sum, each) => sum + each, 0);
          const sent = run(rate, new Map(backlogs.map((left, n) => [`c${n}`, left])), 0, 2_000);
          for (const [n, { at }] of sent.entries())
            expect(n + 1).toBeLessThanOrEqual(burst + (at * perSecond) / 1_000 + 1e-6);
          // Timers ring in whole milliseconds, and what comes until then must fit the bucket; at least one comes each time.
          const inTick = perSecond / 1_000;
          const least =
            burst >= 1 + inTick
              ? Math.floor(burst + 2 * perSecond - inTick - 1)
              : Math.floor(2_000 / (1_000 / perSecond + 1));
          expect(sent.length).toBeGreaterThanOrEqual(Math.min(total, least));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('shares equally between one with a long queue and many with short ones', () => {
    const rate = new FairRate<string>({ perSecond: 100, burst: 10 }, 0);
    const backlog = new Map([
      ['greedy', 10_000],
      ['a', 30],
      ['b', 30],
      ['c', 30],
    ]);
    const sent = run(rate, backlog, 0, 1_000);
    const of = (name: string): number => sent.filter(({ who }) => who === name).length;
    // The first found the bucket full; from then on all get the same.
    expect(sent).toHaveLength(110);
    for (const name of ['a', 'b', 'c']) expect(of(name)).toBeGreaterThanOrEqual(24);
    expect(of('greedy')).toBeLessThanOrEqual(36);
  });

  it('gives back what nobody took, and does not stop for who has left', () => {
    const rate = new FairRate<string>({ perSecond: 10, burst: 1 }, 0);
    expect([rate.take('a', 0), rate.take('a', 0), rate.take('b', 0)]).toEqual([true, false, false]);
    expect(rate.grant(100)).toEqual(['a']);
    rate.settle();
    expect(rate.grant(100)).toEqual(['b']);
    expect(rate.take('b', 100)).toBe(true);
    rate.take('c', 100);
    rate.leave('c');
    expect(rate.deadline).toBe(Infinity);
    expect(rate.tryTake(200)).toBe(true);
  });

  it('lets nobody pass those who wait', () => {
    const rate = new FairRate<string>({ perSecond: 10, burst: 1 }, 0);
    rate.take('a', 0);
    rate.take('a', 0);
    expect([rate.tryTake(500), rate.take('b', 500)]).toEqual([false, false]);
    expect(rate.grant(500)).toEqual(['a']);
  });
});
