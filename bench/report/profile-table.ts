import type { Outcome } from '../measure/outcome.ts';
import { markdownTable } from './table.ts';

/** Below this share of the most expensive contestant an area is one of the others. */
const worthALine = 0.01;

/** Where the time of one operation goes: areas down, contestants across, and the sum. */
export function profileTable(title: string, areas: readonly Outcome[]): string {
  const names = areas[0]?.figures.map(({ name }) => name) ?? [];
  const costs = areas.map(({ row, figures }) => ({ row, costs: figures.map(({ value }) => value.median) }));
  const sums = sumOf(
    costs.map((line) => line.costs),
    names.length,
  );
  const limit = Math.max(...sums) * worthALine;
  const named = costs.filter((line) => Math.max(...line.costs) >= limit);
  const others = sumOf(
    costs.filter((line) => !named.includes(line)).map((line) => line.costs),
    names.length,
  );
  const lines = [...named, { row: 'all others', costs: others }, { row: '**together**', costs: sums }];
  return markdownTable(
    [`${title}, µs of CPU per operation`, ...names],
    lines.map((line) => [line.row, ...line.costs.map((cost) => cost.toFixed(cost < 10 ? 2 : 1))]),
  );
}

function sumOf(lines: readonly (readonly number[])[], columns: number): number[] {
  return Array.from({ length: columns }, (_, i) => lines.reduce((sum, line) => sum + (line[i] ?? 0), 0));
}
