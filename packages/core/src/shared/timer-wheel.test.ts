import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimerWheel, type WheelTimer } from './timer-wheel.ts';

/** Everything due by an instant, in the order taken. */
function takeAll(wheel: TimerWheel, now: number): void {
  for (let fn; (fn = wheel.take(now)) !== undefined;) fn();
}

/** How late a timer may be that was set so far ahead, milliseconds. */
const grainOf = (ahead: number): number => (ahead <= 1_024 ? 1 : ahead <= 16_000 ? 32 : 256);

const delay = fc.oneof(
  fc.integer({ min: -5, max: 40 }),
  fc.integer({ min: 0, max: 2_000 }),
  fc.integer({ min: 10_000, max: 150_000 }),
  fc.integer({ min: 200_000, max: 2_000_000 }),
);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('set' as const), delay }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('clear' as const), which: fc.nat(50) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), time: delay }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('next' as const) }) },
);

describe('TimerWheel', () => {
  it('takes what a list of timers takes: each once, none early, none later than its grain, in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), fc.array(step, { maxLength: 120 }), (start, steps) => {
        const wheel = new TimerWheel();
        let now = start;
        const model = new Map<number, { at: number; latest: number; timer: WheelTimer }>();
        const fired: number[] = [];
        let id = 0;
        const pass = (to: number): void => {
          now = Math.max(now, to);
          fired.length = 0;
          takeAll(wheel, now);
          const times = fired.map((one) => {
            const found = model.get(one);
            expect(found, `${one} was set and not cleared`).toBeDefined();
            expect(found?.at, 'early').toBeLessThanOrEqual(now);
            model.delete(one);
            return found as { at: number; latest: number };
          });
          for (const { latest } of model.values()) expect(latest, 'late').toBeGreaterThan(now);
          // In the order of their instants, as far as the grain of the later one tells them apart.
          let reached = 0;
          for (const { at, latest } of times) {
            expect(latest).toBeGreaterThanOrEqual(reached);
            reached = Math.max(reached, at);
          }
          expect(wheel.size).toBe(model.size);
        };
        for (const one of steps) {
          if (one.do === 'set') {
            const mine = (id += 1);
            const at = Math.max(now + 1, now + one.delay);
            const timer = wheel.set(() => fired.push(mine), now + one.delay, now);
            const grain = grainOf(at - now);
            model.set(mine, { at, latest: Math.ceil(at / grain) * grain, timer });
          } else if (one.do === 'clear') {
            const [found] = [...model].slice(one.which, one.which + 1);
            if (!found) continue;
            wheel.clear(found[1].timer);
            wheel.clear(found[1].timer);
            model.delete(found[0]);
          } else if (one.do === 'pass') pass(now + one.time);
          else {
            const { nextAt } = wheel;
            const due = Math.min(...[...model.values()].map(({ latest }) => latest));
            expect(nextAt).toBeLessThanOrEqual(due);
            if (nextAt < Infinity) {
              expect(nextAt).toBeGreaterThan(now);
              pass(nextAt - 1);
              expect(fired).toEqual([]);
              pass(nextAt);
            } else expect(model.size).toBe(0);
          }
        }
        while (wheel.size > 0) pass(wheel.nextAt);
        expect(model.size).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps those of one instant in the order they were set', () => {
    const wheel = new TimerWheel();
    const order: number[] = [];
    for (let n = 0; n < 5; n += 1) wheel.set(() => order.push(n), 100, 0);
    takeAll(wheel, 100);
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  it('does not take what is set while it is taken, however long that lasts', () => {
    const wheel = new TimerWheel();
    let rings = 0;
    const again = (): void => {
      rings += 1;
      wheel.set(again, 10, 10);
    };
    wheel.set(again, 10, 0);
    takeAll(wheel, 10);
    expect([rings, wheel.nextAt]).toEqual([1, 11]);
  });

  it('does not take what a timer before it cleared', () => {
    const wheel = new TimerWheel();
    const order: string[] = [];
    wheel.set(
      () => {
        order.push('first');
        wheel.clear(second);
      },
      5,
      0,
    );
    const second = wheel.set(() => order.push('second'), 5, 0);
    takeAll(wheel, 5);
    expect(order).toEqual(['first']);
    expect(wheel.size).toBe(0);
  });

  it('lets far deadlines of many fall together', () => {
    const wheel = new TimerWheel();
    for (let n = 0; n < 10_000; n += 1) wheel.set(() => undefined, 25_000 + (n % 1_000), n % 1_000);
    let wakes = 0;
    while (wheel.size > 0) {
      takeAll(wheel, wheel.nextAt);
      wakes += 1;
    }
    expect(wakes).toBeLessThanOrEqual(6);
  });

  it('begins anew with any time when it is empty', () => {
    const wheel = new TimerWheel();
    wheel.set(() => undefined, 1_000_010, 1_000_000);
    takeAll(wheel, 1_000_010);
    wheel.set(() => undefined, 20, 10);
    expect(wheel.nextAt).toBe(20);
  });
});
