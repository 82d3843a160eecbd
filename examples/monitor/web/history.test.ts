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
  expect([...history.column('received')]).toEqual([2, 2]);
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

test('puts samples from before in front of its own', () => {
  const history = new History();
  history.add(sample(2_000), 2_000);
  history.add(sample(2_500, [50, 60]), 2_500);
  history.prepend([sample(1_000, [1, 2]), sample(1_500), sample(2_000)], 2_600);
  expect([...history.times()]).toEqual([1, 1.5, 2, 2.5]);
  expect([...history.core(0)]).toEqual([1, 10, 10, 50]);
});

test('starts with samples from before when it has none of its own', () => {
  const history = new History();
  history.prepend([sample(1_000), sample(1_500)], 61_500);
  expect([...history.times()]).toEqual([61, 61.5]);
  expect(history.add(sample(2_000), 62_000)).toBe(62_000);
});

test('shows as much time as there is, within bounds', () => {
  const history = new History();
  expect(history.shown(100_000)).toEqual([80, 100]);
  history.add(sample(100_000), 100_000);
  expect(history.shown(110_000)).toEqual([90, 110]);
  expect(history.shown(150_000)).toEqual([100, 150]);
  expect(history.shown(400_000)).toEqual([310, 400]);
});
