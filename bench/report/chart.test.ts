import { expect, it } from 'vitest';
import { compared } from '../measure/outcome.ts';
import { chart } from './chart.ts';

const outcome = compared(
  'feed',
  'µs',
  'floor',
  new Map([
    ['floor', [1]],
    ['slow', [30]],
    ['hawser', [0.25]],
  ]),
);

it('draws the shortest bar first, and cuts the longest', () => {
  const svg = chart([outcome], { feed: 'a feed' });
  const names = [...svg.matchAll(/class="name">([^<]+)</g)].map((match) => match[1]);
  expect(names).toEqual(['hawser', 'floor', 'slow']);
  const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map((match) => Number(match[1]));
  expect(widths).toEqual([22.9, 91.7, 550]);
  expect(svg).toContain('30.00 …');
});
