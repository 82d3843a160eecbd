import { expect, it } from 'vitest';
import { regressions } from './verdict.ts';

const feed = { name: 'feed', baseline: 0.3 };

it('finds what does twice the work', () => {
  expect(regressions([{ ...feed, measured: 0.6 }])).toHaveLength(1);
});

it('lets noise pass', () => {
  expect(regressions([{ ...feed, measured: 0.36 }])).toEqual([]);
});

it('lets improvements pass', () => {
  expect(regressions([{ ...feed, measured: 0.1 }])).toEqual([]);
});
