import { describe, expect, it } from 'vitest';
import { Heat } from './heat.ts';

/** Asks at each of these instants, with little to send. */
function asked(heat: Heat, ...at: number[]): number[] {
  return at.map((now) => heat.until(100, now));
}

/** An instant with a fraction that no sum with 4 keeps exactly. */
const odd = 1_700_000_000_000.1;

describe('one-way data', () => {
  it('leaves at once in four ticks, and from the fifth on at the end of the window', () => {
    expect(asked(new Heat(), 1_000, 1_000, 1_001, 1_001, 1_001, 1_003)).toEqual([0, 0, 0, 0, 1_004, 1_004]);
  });

  it('leaves when the window ends, and what follows waits for the next end', () => {
    const heat = new Heat();
    asked(heat, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000);
    expect(asked(heat, 1_004, 1_005, 1_007, 1_007, 1_008, 1_009)).toEqual([0, 1_008, 1_008, 1_008, 0, 1_012]);
  });

  it('leaves at once again when there are few ticks', () => {
    const heat = new Heat();
    asked(heat, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 1_004);
    expect(asked(heat, 1_008, 1_009, 1_010, 1_011, 1_011)).toEqual([0, 0, 0, 0, 1_012]);
  });

  it('leaves at once after a pause, however much there was before', () => {
    const heat = new Heat();
    asked(heat, 1_000, ...Array.from({ length: 40 }, () => 1_001));
    expect(asked(heat, 1_008, 1_008, 1_008, 1_008, 1_008)).toEqual([0, 0, 0, 0, 1_012]);
  });

  it('leaves at once when it is enough for a packet', () => {
    const heat = new Heat();
    asked(heat, 1_000, 1_000, 1_000, 1_000);
    expect([heat.until(4_095, 1_000), heat.until(4_096, 1_000)]).toEqual([1_004, 0]);
  });

  it('leaves at the very instant that was named', () => {
    const heat = new Heat();
    const [end = 0] = asked(heat, odd, odd, odd, odd, odd).slice(-1);
    expect(end).toBeGreaterThan(odd);
    expect(heat.until(100, end)).toBe(0);
  });

  it('leaves at once for 64 ms after a tick waited alone', () => {
    const heat = new Heat();
    asked(heat, 1_000, 1_000, 1_000, 1_000, 1_000);
    const later = Array.from({ length: 640 }, (_, n) => 1_004 + n / 10);
    expect(asked(heat, ...later).filter((until) => until > 0)).toEqual([]);
    expect(asked(heat, 1_068, 1_068, 1_068, 1_068, 1_068)).toEqual([0, 0, 0, 0, 1_072]);
  });

  it('keeps two ends that answer each other from waiting for each answer', () => {
    const ends = [new Heat(), new Heat()];
    let now = 1_000;
    for (let turn = 0; turn < 20_000; turn += 1) {
      for (const heat of ends) {
        now += 0.05;
        const until = heat.until(100, now);
        if (until === 0) continue;
        // Nothing more comes before this has left.
        now = until;
        expect(heat.until(100, now)).toBe(0);
      }
    }
    // 2,000 ms without any waiting.
    expect(now - 1_000).toBeLessThan(2_250);
  });
});
