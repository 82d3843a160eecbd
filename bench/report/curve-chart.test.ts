import { expect, it } from 'vitest';
import type { Curve } from '../measure/curve.ts';
import { summarize } from '../measure/statistics.ts';
import { curveChart, ticksAround } from './curve-chart.ts';

const line = (name: string, costs: Readonly<Record<number, number>>): Curve['lines'][number] => ({
  name,
  points: Object.entries(costs).map(([at, cost]) => ({ at: Number(at), cost: summarize([cost]) })),
});
const curve: Curve = {
  id: 'call',
  unit: 'µs',
  lines: [line('floor', { 1: 10, 10: 10, 100: 10 }), line('hawser', { 1: 10, 10: 20, 100: 100 })],
};
const picture = curveChart([curve], { call: { title: 'a call', grows: 'connections' } }, { floor: 'raw ws' });

it('gives every tenfold the same room', () => {
  const places = [...picture.matchAll(/<circle cx="([\d.]+)"/g)].slice(0, 3).map((match) => Number(match[1]));
  expect(places).toEqual([60, 355, 650]);
});

it('draws what does not grow as a level line, and more as higher', () => {
  const heights = [...picture.matchAll(/<circle [^>]*cy="([\d.]+)"/g)].map((match) => Number(match[1]));
  expect(heights.slice(0, 3)).toEqual([186, 186, 186]);
  expect(heights.slice(3)).toEqual([186, 140.8, 36]);
});

it('says what it shows, what grows, and whose line it is', () => {
  for (const text of ['a call, µs, by connections', 'raw ws', 'hawser']) expect(picture).toContain(`>${text}<`);
});

it('keeps the names of lines that end together apart', () => {
  const together = { ...curve, lines: [line('floor', { 1: 5, 10: 10 }), line('hawser', { 1: 6, 10: 10 })] };
  const svg = curveChart([together], {}, {});
  const heights = [...svg.matchAll(/y="([\d.]+)" class="(?:ours|floor)"/g)].map((match) => Number(match[1]));
  expect(Math.abs((heights[0] as number) - (heights[1] as number))).toBeGreaterThanOrEqual(14);
});

it.each([
  [3, 8, [2, 5, 10]],
  [1, 1, [1]],
  [0.3, 0.9, [0.2, 0.5, 1]],
  [3, 4_000, [10, 100, 1_000]],
])('marks the axis around %d to %d', (low, high, ticks) => {
  expect(ticksAround(low, high)).toEqual(ticks);
});
