import { describe, expect, it } from 'vitest';
import { Rhythm } from './rhythm.ts';

const timing = { every: 25_000, grace: 20_000 };
/** Silence is probed after `every` + `grace` less the probe's own five seconds. */
const probed = 40_000;

describe('the end that sets the rhythm', () => {
  it('pings first when told, then every interval', () => {
    const heart = new Rhythm(timing, 7_000, 0);
    expect(heart.initiates).toBe(true);
    expect(heart.deadline).toBe(7_000);
    expect(heart.check(6_999)).toBeUndefined();
    expect(heart.check(7_000)).toBe('ping');
    expect(heart.deadline).toBe(32_000);
  });

  it('takes nothing of its own for a sign of life', () => {
    const heart = new Rhythm(timing, 10_000, 0);
    for (const now of [10_000, 35_000]) {
      expect(heart.check(now)).toBe('ping');
      heart.pingSent(now);
    }
    expect(heart.deadline).toBe(probed);
  });

  it('does not rush after a late check', () => {
    const heart = new Rhythm(timing, 7_000, 0);
    heart.check(20_000);
    expect(heart.deadline).toBe(probed);
    heart.heard(20_000);
    expect(heart.deadline).toBe(45_000);
  });
});

describe('silence', () => {
  it('is not broken by what this end sends itself (F05)', () => {
    const heart = new Rhythm(timing, 1_000, 0);
    for (let now = 1_000; now < 45_000; now = heart.deadline) {
      if (heart.check(now) === 'ping') heart.pingSent(now);
    }
    expect(heart.check(45_000)).toBe('dead');
  });

  it('always names a deadline that lies ahead, also while a probe runs and a ping is due', () => {
    const heart = new Rhythm({ every: 4_000, grace: 4_000 }, 2_000, 0);
    const checks: number[] = [];
    for (let now = heart.deadline; checks.length < 20; now = heart.deadline) {
      checks.push(now);
      if (heart.check(now) === 'dead') break;
      expect(heart.deadline).toBeGreaterThan(now);
    }
    expect(checks.at(-1)).toBe(8_000);
  });
});
