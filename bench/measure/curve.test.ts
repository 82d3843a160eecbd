import { expect, it } from 'vitest';
import { Curves } from './curve.ts';
import { summarize } from './statistics.ts';

it('summarizes the rounds at each place, from small to large', () => {
  const curves = new Curves();
  for (const cost of [3, 1, 2]) curves.add('call', 'hawser', 10, cost);
  curves.add('call', 'hawser', 1, 7);
  curves.add('call', 'floor', 1, 5);
  curves.add('publish', 'floor', 1, 4);
  const [call, publish] = curves.take('µs', summarize);
  expect(call).toMatchObject({ id: 'call', unit: 'µs', lines: [{ name: 'hawser' }, { name: 'floor' }] });
  expect(call?.lines[0]?.points).toEqual([
    { at: 1, cost: summarize([7]) },
    { at: 10, cost: summarize([1, 2, 3]) },
  ]);
  expect(publish?.lines).toHaveLength(1);
});

it('gives the rounds themselves, and refuses what was not measured', () => {
  const curves = new Curves();
  curves.add('call', 'floor', 1, 5);
  curves.add('call', 'floor', 1, 6);
  expect(curves.costsOf('call', 'floor', 1)).toEqual([5, 6]);
  expect(() => curves.costsOf('call', 'floor', 2)).toThrow('nothing was measured of floor at 2');
});
