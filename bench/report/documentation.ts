import { readFileSync, writeFileSync } from 'node:fs';
import { chart } from './chart.ts';
import { curveChart } from './curve-chart.ts';
import { profileTable } from './profile-table.ts';
import { replaceSection } from './replace-section.ts';
import type { Result } from './results.ts';
import { rows } from './rows.ts';
import { contestants, curveTitles } from './scale-rows.ts';
import { growthTable, scaleTable } from './scale-table.ts';
import { budgetTable, comparisonTable } from './table.ts';
import { judge } from './verdict.ts';

const docs = new URL('../../docs/', import.meta.url);
/** Rows in which all libraries take part. */
const compared = ['messages', 'feed', 'calls-64', 'calls-1', 'stream', 'broadcast', 'publish', 'connections'];
/** Which curves are drawn together. */
const pictures: Readonly<Record<string, readonly string[]>> = {
  'performance-connections.svg': ['broadcast', 'publish', 'call'],
  'performance-sizes.svg': ['size'],
  'performance-names.svg': ['names'],
};

/** Puts budgets and comparison of the last results into `docs/performance.md`, and their chart beside it. */
export function documentFigures(results: readonly Result[]): void {
  const outcomes = results.flatMap((result) => result.outcomes);
  const comparison = compared.flatMap((id) => outcomes.filter(({ row }) => row === id));
  write('figures', [
    measuredOn(results),
    budgetTable(judge(outcomes)),
    'Every library, × floor (CPU per operation of both processes; `calls-1` is p50 latency, `broadcast` and `publish` server CPU):',
    comparisonTable(comparison),
  ]);
  const titles = Object.fromEntries(rows.map(({ id, title }) => [id, title]));
  const drawn = comparison.filter(({ row }) => ['messages', 'feed', 'calls-64', 'stream'].includes(row));
  writeFileSync(new URL('performance.svg', docs), chart(drawn, titles));
}

/** Puts what the scale bench last found out into `docs/performance.md`, and its curves beside it. */
export function documentScale(results: readonly Result[]): void {
  const found = results.flatMap((result) => result.curves ?? []);
  const curves = Object.keys(curveTitles).flatMap((id) => found.filter((curve) => curve.id === id));
  write('scale', [
    measuredOn(results),
    scaleTable(results.flatMap((result) => result.outcomes)),
    'The curves as numbers:',
    ...curves.map(growthTable),
  ]);
  for (const [file, ids] of Object.entries(pictures)) {
    const drawn = curves.filter(({ id }) => ids.includes(id));
    if (drawn.length > 0) writeFileSync(new URL(file, docs), curveChart(drawn, curveTitles, contestants));
  }
}

/** Puts the last profiles into `docs/performance.md`. */
export function documentProfiles(results: readonly Result[]): void {
  const tables = results.map(({ experiment, outcomes }) => profileTable(experiment.replace('profile-', ''), outcomes));
  write('profiles', [measuredOn(results), ...tables]);
}

function measuredOn(results: readonly Result[]): string {
  const newest =
    results
      .map(({ measured }) => measured)
      .toSorted()
      .at(-1) ?? '';
  const { node = '', machine = '' } = results[0] ?? {};
  const loads = results.map(({ load }) => load);
  const [least, most] = [Math.min(...loads), Math.max(...loads)].map((load) => load.toFixed(1));
  return `Measured ${newest.slice(0, 10)} on ${machine}, Node ${node}; load average ${least} to ${most}, this bench included.`;
}

function write(section: string, parts: readonly string[]): void {
  const page = new URL('performance.md', docs);
  writeFileSync(page, replaceSection(readFileSync(page, 'utf8'), section, parts.join('\n\n')));
}
