import { readFileSync, writeFileSync } from 'node:fs';
import { chart } from './chart.ts';
import type { Result } from './results.ts';
import { rows } from './rows.ts';
import { budgetTable, comparisonTable } from './table.ts';
import { judge } from './verdict.ts';

const docs = new URL('../../docs/', import.meta.url);
/** Rows in which all libraries take part. */
const compared = ['messages', 'feed', 'calls-64', 'calls-1', 'broadcast'];

/** Puts the tables of the last results between the markers of `docs/performance.md`, and the chart beside it. */
export function writeDocumentation(results: readonly Result[]): void {
  const outcomes = results.flatMap((result) => result.outcomes);
  const comparison = compared.flatMap((id) => outcomes.filter(({ row }) => row === id));
  const newest =
    results
      .map(({ measured }) => measured)
      .toSorted()
      .at(-1) ?? '';
  const { node = '', machine = '' } = results[0] ?? {};
  const text = [
    `Measured ${newest.slice(0, 10)} on ${machine}, Node ${node}.`,
    budgetTable(judge(outcomes)),
    'Every library, × floor (CPU per operation of both processes; `calls-1` is p50 latency, `broadcast` server CPU):',
    comparisonTable(comparison),
  ].join('\n\n');
  const page = new URL('performance.md', docs);
  const [before, , after] = readFileSync(page, 'utf8').split(/<!-- (?:begin|end) figures -->/);
  writeFileSync(page, `${before}<!-- begin figures -->\n\n${text}\n\n<!-- end figures -->${after}`);
  const titles = Object.fromEntries(rows.map(({ id, title }) => [id, title]));
  const drawn = comparison.filter(({ row }) => ['messages', 'feed', 'calls-64'].includes(row));
  writeFileSync(new URL('performance.svg', docs), chart(drawn, titles));
}
