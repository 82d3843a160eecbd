import { describe, expect, test } from 'vitest';
import type { Alarm, Sample, Thresholds } from '../contract.ts';
import { Alarms } from './alarms.ts';

const none: Thresholds = { cpu: null, memory: null, loop: null, network: null };

function sample(cpu: number, network: Sample['network'] = { received: 0, sent: 0 }): Sample {
  return {
    n: 1,
    at: 1_000 + cpu,
    cores: [cpu],
    cpu,
    load: 0,
    memory: { used: 1, total: 2 },
    network,
    loop: { mean: 0, max: 0 },
  };
}

function feed(alarms: Alarms, ...cpu: number[]): Alarm[] {
  return cpu.flatMap((value) => alarms.evaluate(sample(value)));
}

describe('raising', () => {
  test('takes two samples in a row at or over the limit', () => {
    const alarms = new Alarms({ ...none, cpu: 80 });
    expect(feed(alarms, 90, 10, 90)).toEqual([]);
    expect(feed(alarms, 80)).toEqual([{ id: 1, metric: 'cpu', phase: 'raised', value: 80, limit: 80, at: 1_080 }]);
  });

  test('happens once while the value stays up', () => {
    expect(feed(new Alarms({ ...none, cpu: 80 }), 90, 90, 95, 99, 90, 90)).toHaveLength(1);
  });

  test('does not happen without a limit', () => {
    expect(feed(new Alarms(none), 100, 100, 100)).toEqual([]);
  });

  test('looks at every metric on its own', () => {
    const alarms = new Alarms({ ...none, memory: 40, network: 3 });
    const busy = sample(0, { received: 2_000, sent: 1_500 });
    const changed = [...alarms.evaluate(busy), ...alarms.evaluate(busy)];
    expect(changed.map(({ metric, value }) => [metric, value])).toEqual([
      ['memory', 50],
      ['network', 3.5],
    ]);
  });
});

describe('clearing', () => {
  test('takes four samples in a row well under the limit', () => {
    const alarms = new Alarms({ ...none, cpu: 80 });
    feed(alarms, 90, 90);
    expect(feed(alarms, 71, 71, 71, 75, 71, 71, 71)).toEqual([]);
    expect(feed(alarms, 71)).toMatchObject([{ id: 2, phase: 'cleared', value: 71, limit: 80 }]);
  });

  test('follows when the limit is taken away, and names the limit that was passed', () => {
    const alarms = new Alarms({ ...none, cpu: 80 });
    feed(alarms, 90, 90);
    alarms.setThreshold('cpu', null);
    expect(feed(alarms, 99, 99, 99, 99)).toMatchObject([{ phase: 'cleared', limit: 80 }]);
  });
});

describe('limits', () => {
  test('are refused out of range and then stay what they were', () => {
    const alarms = new Alarms({ ...none, cpu: 80 });
    expect(alarms.setThreshold('cpu', 101)).toEqual({ code: 'OUT_OF_RANGE', min: 1, max: 100, unit: '%' });
    expect(alarms.setThreshold('cpu', 0)).toMatchObject({ code: 'OUT_OF_RANGE' });
    expect(alarms.setThreshold('cpu', Number.NaN)).toMatchObject({ code: 'OUT_OF_RANGE' });
    expect(alarms.thresholds.cpu).toBe(80);
  });

  test('are taken at both ends of the range', () => {
    const alarms = new Alarms(none);
    expect(alarms.setThreshold('cpu', 1)).toBeUndefined();
    expect(alarms.setThreshold('memory', 100)).toBeUndefined();
    expect(alarms.thresholds).toEqual({ ...none, cpu: 1, memory: 100 });
  });

  test('are refused for what the platform does not measure', () => {
    const alarms = new Alarms(none);
    alarms.evaluate(sample(0, null));
    expect(alarms.setThreshold('network', 5)).toEqual({ code: 'NOT_METERED' });
  });

  test('start a new streak', () => {
    const alarms = new Alarms({ ...none, cpu: 80 });
    feed(alarms, 90);
    alarms.setThreshold('cpu', 85);
    expect(feed(alarms, 90)).toEqual([]);
  });
});

test('remembers the last fifty alarms', () => {
  const alarms = new Alarms({ ...none, cpu: 80 });
  for (let round = 0; round < 40; round++) feed(alarms, 90, 90, 0, 0, 0, 0);
  expect(alarms.recent).toHaveLength(50);
  expect(alarms.recent.at(-1)).toMatchObject({ id: 80, phase: 'cleared' });
});
