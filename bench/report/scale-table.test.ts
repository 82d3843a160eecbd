import { expect, it } from 'vitest';
import type { Curve } from '../measure/curve.ts';
import type { Outcome } from '../measure/outcome.ts';
import { summarize } from '../measure/statistics.ts';
import { growthTable, scaleTable } from './scale-table.ts';

const outcome = (row: string, unit: string, values: Readonly<Record<string, number>>): Outcome => ({
  row,
  unit,
  figures: Object.entries(values).map(([name, value]) => ({ name, value: summarize([value]) })),
});

it('puts raw ws beside Hawser, in the order of the rows, and leaves out what was not measured', () => {
  const table = scaleTable([
    outcome('heap-server', 'KiB', { floor: 3.618, hawser: 9.06 }),
    outcome('opened', 's', { hawser: 5.912, floor: 2.894 }),
  ]);
  const [, , first, second, ...rest] = table.split('\n');
  expect(first).toMatch(/^\| 10,000 connections: time to open all +\| +2\.89 s \| +5\.91 s \|$/);
  expect(second).toMatch(/\| 3\.62 KiB \| 9\.06 KiB \|$/);
  expect(rest).toEqual([]);
});

it('puts a dash where raw ws has nothing of the kind, and no fraction after a count', () => {
  expect(scaleTable([outcome('sessions lost, spread', '', { hawser: 1 })])).toMatch(/\| +– \| +1 \|$/);
});

it('writes a curve from small to large, with a dash for a hole', () => {
  const curve: Curve = {
    id: 'names',
    unit: 'µs',
    lines: [
      { name: 'floor', points: [{ at: 1_000, cost: summarize([123.4]) }] },
      { name: 'hawser', points: [{ at: 1, cost: summarize([1.234]) }] },
    ],
  };
  const lines = growthTable(curve).split('\n');
  expect(lines[0]).toMatch(/names with a handler \| +1 \| 1,000 \|$/);
  expect(lines[2]).toMatch(/\| raw ws +\| +– \| +123 \|$/);
  expect(lines[3]).toMatch(/\| Hawser +\| +1\.23 \| +– \|$/);
});
