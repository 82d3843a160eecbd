import { expect, it } from 'vitest';
import { quantile, ratios, summarize } from './statistics.ts';

it('interpolates between neighbours, whatever the order', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([10], 0.95)).toBe(10);
  expect(quantile([0, 100], 0.95)).toBe(95);
});

it('refuses to summarize nothing', () => {
  expect(() => quantile([], 0.5)).toThrow(RangeError);
});

it('gives the middle and both quartiles', () => {
  expect(summarize([1, 2, 3, 4, 100])).toEqual({ median: 3, low: 2, high: 4 });
});

it('divides round by round, so that a slow moment of the machine cancels out', () => {
  expect(ratios([2, 20], [4, 40])).toEqual([0.5, 0.5]);
  expect(() => ratios([1, 2], [1])).toThrow('without a partner');
});
