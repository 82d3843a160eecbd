import { expect, it } from 'vitest';
import { profileTable } from './profile-table.ts';

const area = (row: string, floor: number, hawser: number) => ({
  row,
  unit: 'µs',
  figures: [
    { name: 'floor', value: { median: floor, low: floor, high: floor } },
    { name: 'hawser', value: { median: hawser, low: hawser, high: hawser } },
  ],
});

it('lists areas, puts the small ones together, and sums up', () => {
  const table = profileTable('calls-1', [
    area('kernel', 30, 32),
    area('wire', 0, 4.05),
    area('a', 0, 0.2),
    area('b', 0.1, 0),
  ]);
  const cells = table.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  expect(cells[0]).toEqual(['calls-1, µs of CPU per operation', 'floor', 'hawser']);
  expect(cells.slice(2)).toEqual([
    ['kernel', '30.0', '32.0'],
    ['wire', '0.00', '4.05'],
    ['all others', '0.10', '0.20'],
    ['**together**', '30.1', '36.3'],
  ]);
});
