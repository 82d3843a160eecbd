import { expect, test } from 'vitest';
import type { Sample } from '../contract.ts';
import { Past } from './past.ts';

function sample(n: number): Sample {
  return {
    n,
    at: n * 1_000,
    cores: [1],
    cpu: 1,
    load: 0,
    memory: { used: 1, total: 2 },
    network: null,
    loop: { mean: 0, max: 0 },
  };
}

function pastOf(count: number, interval: number): Past {
  const past = new Past(interval);
  for (let n = 1; n <= count; n++) past.add(sample(n));
  return past;
}

test('keeps an hour, and a little more until it clears up', () => {
  const past = pastOf(10_000, 1_000);
  expect(past.length).toBeGreaterThanOrEqual(3_600);
  expect(past.length).toBeLessThanOrEqual(3_960);
  expect(past.last(2).map(({ n }) => n)).toEqual([9_999, 10_000]);
});

test('has a bound however often samples are taken', () => {
  expect(pastOf(30_000, 1).length).toBeLessThanOrEqual(7_920);
});

test('reads what there was when it was asked: how much, then the samples in order', async () => {
  const past = pastOf(3, 1_000);
  const reading = past.read();
  expect((await reading.next()).value).toEqual({ kind: 'span', total: 3, from: 1_000, to: 3_000 });
  past.add(sample(4));
  const seen: number[] = [];
  for await (const item of reading) if (item.kind === 'sample') seen.push(item.sample.n);
  expect(seen).toEqual([1, 2, 3]);
});

test('reads no more than an hour', async () => {
  const { value } = await pastOf(3_900, 1_000).read().next();
  expect(value).toEqual({ kind: 'span', total: 3_600, from: 301_000, to: 3_900_000 });
});

test('has nothing to read before the first sample', async () => {
  const reading = pastOf(0, 1_000).read();
  expect((await reading.next()).value).toEqual({ kind: 'span', total: 0, from: 0, to: 0 });
  expect((await reading.next()).done).toBe(true);
});
