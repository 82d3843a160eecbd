import { expect, it } from 'vitest';
import { compared } from '../measure/outcome.ts';
import type { Row } from './rows.ts';
import { budgetTable, comparisonTable, markdownTable } from './table.ts';
import { judge } from './verdict.ts';

const row: Row = { id: 'feed', title: 'feed', contestant: 'hawser', budget: 0.5, base: 'floor' };
const outcome = (hawser: number): ReturnType<typeof compared> =>
  compared(
    'feed',
    'µs',
    'floor',
    new Map([
      ['floor', [10, 20]],
      ['hawser', [10 * hawser, 20 * hawser]],
    ]),
  );

it('pads columns to their widest cell', () => {
  expect(markdownTable(['a', 'figure'], [['long', '1']])).toBe(
    ['| a    | figure |', '|------|-------:|', '| long |      1 |'].join('\n'),
  );
});

it('says ok up to the budget and missed above it', () => {
  expect(judge([outcome(0.5)], [row])[0]).toMatchObject({ measured: 0.5, ok: true });
  expect(judge([outcome(0.504)], [row])[0]).toMatchObject({ measured: 0.5, ok: true });
  expect(judge([outcome(0.51)], [row])[0]).toMatchObject({ measured: 0.51, ok: false });
});

it('leaves out what was not measured', () => {
  expect(judge([], [row])).toEqual([]);
});

it('judges the value, not the ratio, where the budget has a unit', () => {
  const kib: Row = { ...row, budget: 8, unit: 'KiB' };
  expect(judge([outcome(0.5)], [kib])[0]).toMatchObject({ measured: 7.5, ok: true });
});

it('shows budget, ratio and absolute figure', () => {
  const text = budgetTable(judge([outcome(0.51)], [row]));
  expect(text).toMatch(
    /\| feed +\| +≤ 0\.5 × \| +0\.51 × \| +0\.51–0\.51 \| +7\.65 µs \| +floor \| +\*\*missed\*\* \|/,
  );
});

it('puts a dash where a library takes no part', () => {
  const other = compared('calls', 'µs', 'floor', new Map([['floor', [1]]]));
  expect(comparisonTable([outcome(0.5), other])).toMatch(/\| hawser +\| 0\.50 \| +– \|/);
});
