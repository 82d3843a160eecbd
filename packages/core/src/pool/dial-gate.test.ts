import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DialGate } from './dial-gate.ts';

const step = fc.oneof(
  fc.record({ do: fc.constant('enter' as const) }),
  fc.record({ do: fc.constant('leave' as const), which: fc.nat(20) }),
  fc.record({ do: fc.constant('pass' as const), time: fc.integer({ min: 0, max: 3_000 }) }),
  fc.record({ do: fc.constant('deadline' as const) }),
);

it('admits in order, never more at once nor in any time than it may, and as soon as it may', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(step, { maxLength: 150 }),
      (atOnce, perSecond, burst, steps) => {
        let now = 1_000;
        const gate = new DialGate<number>(atOnce, { perSecond, burst }, now);
        const begun: number[] = [];
        const waiting: number[] = [];
        const dialing: number[] = [];
        let id = 0;
        const admit = (): void => {
          for (const one of gate.admit(now)) {
            expect(one).toBe(waiting.shift());
            dialing.push(one);
            begun.push(now);
          }
          expect([gate.waiting, gate.dialing]).toEqual([waiting.length, dialing.length]);
          expect(dialing.length).toBeLessThanOrEqual(atOnce);
          for (const [n, from] of begun.entries()) {
            const after = begun.slice(n).length;
            expect(after).toBeLessThanOrEqual(burst + ((now - from) * perSecond) / 1_000 + 1e-6);
          }
          if (waiting.length === 0 || dialing.length === atOnce) expect(gate.deadline).toBe(Infinity);
          else expect(gate.deadline).toBeGreaterThan(now);
        };
        for (const one of steps) {
          if (one.do === 'enter') {
            gate.enter((id += 1));
            waiting.push(id);
          } else if (one.do === 'leave') {
            const gone = [...dialing, ...waiting][one.which];
            if (gone === undefined) continue;
            gate.leave(gone);
            for (const among of [dialing, waiting]) if (among.includes(gone)) among.splice(among.indexOf(gone), 1);
          } else if (one.do === 'pass') now += one.time;
          else if (gate.deadline < Infinity) {
            const before = begun.length;
            now = Math.ceil(gate.deadline);
            admit();
            expect(begun.length).toBeGreaterThan(before);
          }
          admit();
        }
      },
    ),
    { numRuns: 200 },
  );
});
