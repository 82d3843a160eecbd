import { expect, test } from 'vitest';
import type { Sample } from '../contract.ts';
import { History } from './history.ts';

function sample(at: number, cores: readonly number[] = [10, 30]): Sample {
  return {
    n: 1,
    at,
    cores: [...cores],
    cpu: 20,
    load: 1,
    memory: { used: 1, total: 4 },
    network: { received: 2_000, sent: 1_000 },
    loop: { mean: 1, max: 3 },
  };
}

test('gives each figure a column', () => {
  const history = new History();
  history.add(sample(1_000), 1_000);
  history.add(sample(1_500), 1_500);
  expect([...history.times()]).toEqual([1, 1.5]);
  expect([...history.column('memory')]).toEqual([25, 25]);
  expect([...history.column('network')]).toEqual([3, 3]);
  expect([...history.column('transmitted')]).toEqual([1, 1]);
  expect([...history.column('loopMean')]).toEqual([1, 1]);
  expect(history.cores).toBe(2);
  expect([...history.core(1)]).toEqual([30, 30]);
});

test('places samples on the page clock by the quickest one', () => {
  const history = new History();
  history.add(sample(1_000), 61_040);
  history.add(sample(1_500), 61_510);
  expect(history.add(sample(2_000), 69_000)).toBe(62_010);
});

test('starts over when the number of cores changes', () => {
  const history = new History();
  history.add(sample(1_000), 1_000);
  history.add(sample(1_500, [1, 2, 3]), 1_500);
  expect(history.cores).toBe(3);
  expect(history.times()).toHaveLength(1);
});

test('begins an outage at the last sample that came through', () => {
  const history = new History();
  history.add(sample(1_000), 1_000);
  history.linkLost(5_000);
  history.linkLost(6_000);
  expect(history.outages).toEqual([{ from: 1, to: undefined }]);
  history.linkBack(8_000);
  history.linkBack(9_000);
  expect(history.outages).toEqual([{ from: 1, to: 8 }]);
  history.add(sample(8_500), 8_500);
  history.linkLost(9_000);
  expect(history.outages.at(-1)).toEqual({ from: 8.5, to: undefined });
});
