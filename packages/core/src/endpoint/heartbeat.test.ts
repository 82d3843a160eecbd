import { describe, expect, it } from 'vitest';
import { Heartbeat } from './heartbeat.ts';

const timing = { every: 25_000, grace: 20_000 };
/** Silence is probed after `every` + `grace` less the probe's own five seconds. */
const probed = 40_000;

describe('the other end', () => {
  it('never pings by itself', () => {
    const heart = new Heartbeat(timing, 0);
    expect(heart.initiates).toBe(false);
    heart.heard(10_000);
    expect(heart.deadline).toBe(50_000);
  });
});

describe('silence', () => {
  it('is probed, then judged', () => {
    const heart = new Heartbeat(timing, 0);
    expect(heart.check(probed - 1)).toBeUndefined();
    expect(heart.check(probed)).toBe('ping');
    expect(heart.degraded).toBe(true);
    expect(heart.deadline).toBe(45_000);
    expect(heart.check(44_999)).toBeUndefined();
    expect(heart.check(45_000)).toBe('dead');
  });

  it('ends with any sign of life', () => {
    const heart = new Heartbeat(timing, 0);
    heart.check(probed);
    expect(heart.heard(41_000)).toBe(true);
    expect(heart.heard(41_001)).toBe(false);
    expect(heart.degraded).toBe(false);
    expect(heart.deadline).toBe(41_001 + probed);
  });

  it('leaves half of a short rhythm for the probe', () => {
    const heart = new Heartbeat({ every: 3_000, grace: 1_000 }, 0);
    expect(heart.deadline).toBe(2_000);
    heart.check(2_000);
    expect(heart.deadline).toBe(4_000);
  });
});

describe('a process that stood still (HB4)', () => {
  it('asks again instead of judging', () => {
    const heart = new Heartbeat(timing, 0);
    heart.check(probed);
    expect(heart.check(47_001)).toBe('ping');
    expect(heart.deadline).toBe(52_001);
    expect(heart.check(52_001)).toBe('dead');
  });

  it('judges when the check is only a little late', () => {
    const heart = new Heartbeat(timing, 0);
    heart.check(probed);
    expect(heart.check(47_000)).toBe('dead');
  });

  it('probes at once when told to, whatever the rhythm', () => {
    const heart = new Heartbeat(timing, 0);
    heart.probe(1_000);
    expect(heart.deadline).toBe(6_000);
    expect(heart.check(6_000)).toBe('dead');
  });
});

describe('round trips', () => {
  it('are measured from the last ping only', () => {
    const heart = new Heartbeat(timing, 0);
    const first = heart.pingSent(100);
    const second = heart.pingSent(200);
    expect(heart.ponged(first, 250)).toBe(false);
    expect(heart.ponged(second, 260)).toBe(true);
    expect(heart.latency).toBe(60);
    expect(heart.ponged(second, 900)).toBe(false);
    expect(heart.latency).toBe(60);
  });

  it('over a second count as degraded', () => {
    const heart = new Heartbeat(timing, 0);
    heart.ponged(heart.pingSent(0), 1_000);
    expect(heart.degraded).toBe(false);
    heart.ponged(heart.pingSent(2_000), 3_001);
    expect(heart.degraded).toBe(true);
  });
});
