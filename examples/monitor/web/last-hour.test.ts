import type { Observer } from '@hawser/core';
import { beforeEach, describe, expect, test } from 'vitest';
import type { PastItem } from '../contract.ts';
import { LastHour } from './last-hour.ts';

let observer: Observer<PastItem>;
let stopped: number;
let hour: LastHour;

beforeEach(() => {
  stopped = 0;
  hour = new LastHour(
    (given) => {
      observer = given;
      const unsubscribe = (): void => void stopped++;
      return { closed: false, unsubscribe, [Symbol.dispose]: unsubscribe };
    },
    () => {},
  );
});

function sample(n: number): PastItem {
  return {
    kind: 'sample',
    sample: {
      n,
      at: n * 1_000,
      cores: [n],
      cpu: n,
      load: 0,
      memory: { used: 1, total: 4 },
      network: null,
      loop: { mean: 0, max: 0 },
    },
  };
}

function feed(...items: readonly PastItem[]): void {
  for (const item of items) observer.next?.(item);
}

describe('reading', () => {
  test('fills the columns as samples come and counts them', () => {
    hour.read();
    feed({ kind: 'span', total: 3, from: 5_000, to: 7_000 }, sample(5), sample(6));
    expect(hour.snapshot()).toMatchObject({ status: 'reading', received: 2, total: 3, missing: 0, duplicates: 0 });
    expect([...hour.times()]).toEqual([5, 6]);
    expect([...hour.column('cpu')]).toEqual([5, 6]);
    expect([...hour.column('memory')]).toEqual([25, 25]);
    feed(sample(7));
    observer.complete?.();
    expect(hour.snapshot()).toMatchObject({ status: 'done', received: 3 });
  });

  test('counts what is missing and what came twice', () => {
    hour.read();
    feed({ kind: 'span', total: 4, from: 1_000, to: 4_000 }, sample(1), sample(3), sample(3), sample(4));
    expect(hour.snapshot()).toMatchObject({ received: 3, missing: 1, duplicates: 1 });
  });

  test('never holds more than was announced', () => {
    hour.read();
    feed({ kind: 'span', total: 1, from: 1_000, to: 1_000 }, sample(1), sample(2), sample(3));
    expect(hour.times()).toHaveLength(1);
  });

  test('begins anew when asked again', () => {
    hour.read();
    feed({ kind: 'span', total: 2, from: 1_000, to: 2_000 }, sample(1));
    hour.read();
    expect(stopped).toBe(1);
    expect(hour.snapshot()).toMatchObject({ status: 'reading', received: 0, total: 0 });
    expect(hour.times()).toHaveLength(0);
  });
});

test('counts the cuts it went through, and none when it does not read', () => {
  hour.linkLost();
  hour.read();
  hour.linkLost();
  hour.linkLost();
  observer.complete?.();
  hour.linkLost();
  expect(hour.snapshot().cuts).toBe(2);
});

test('keeps what came when it is cancelled or fails', () => {
  hour.read();
  feed({ kind: 'span', total: 2, from: 1_000, to: 2_000 }, sample(1));
  hour.cancel();
  expect(stopped).toBe(1);
  expect(hour.snapshot()).toMatchObject({ status: 'cancelled', received: 1 });
  hour.read();
  feed({ kind: 'span', total: 2, from: 1_000, to: 2_000 }, sample(1));
  observer.error?.(new Error('the session is gone'));
  expect(hour.snapshot()).toMatchObject({ status: 'failed', received: 1, problem: 'the session is gone' });
});

test('shows an hour until it knows better, then from the first sample to the last', () => {
  expect(hour.shown(7_200_000)).toEqual([3_600, 7_200]);
  hour.read();
  feed({ kind: 'span', total: 2, from: 100_000, to: 400_000 });
  expect(hour.shown(7_200_000)).toEqual([100, 400]);
  feed({ kind: 'span', total: 2, from: 399_000, to: 400_000 });
  expect(hour.shown(7_200_000), 'at least a little').toEqual([380, 400]);
});
