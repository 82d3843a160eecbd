import type { Outcome } from '../measure/outcome.ts';
import type { Summary } from '../measure/statistics.ts';
import type { Row } from './rows.ts';
import type { Judged } from './verdict.ts';

/** Lines of a Markdown table, padded so that it also reads well in a terminal. */
export function markdownTable(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(3, ...[title, ...body.map((cells) => cells[i] ?? '')].map(widthOf)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, i) => pad(cells[i] ?? '', width, i > 0)).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(head), rule, ...body.map(line)].join('\n');
}

/** Budget beside what was measured. */
export function budgetTable(judged: readonly Judged[]): string {
  const body = judged.map(({ row, outcome, figure, measured, ok }) => [
    row.title,
    `≤ ${amount(row.budget, row)}`,
    amount(measured, row),
    spread(row.unit === undefined ? figure.ratio : figure.value),
    `${figure.value.median.toFixed(2)} ${outcome.unit}`,
    row.base,
    ok ? 'ok' : '**missed**',
  ]);
  return markdownTable(['workload', 'budget', 'measured', 'quartiles', 'absolute', 'against', 'verdict'], body);
}

/** All contestants, × floor; a dash where one cannot take part. */
export function comparisonTable(outcomes: readonly Outcome[]): string {
  const names = [...new Set(outcomes.flatMap(({ figures }) => figures.map(({ name }) => name)))];
  const body = names.map((name) => [
    name,
    ...outcomes.map(({ figures }) => figures.find((figure) => figure.name === name)?.ratio?.median.toFixed(2) ?? '–'),
  ]);
  return markdownTable(['× floor', ...outcomes.map(({ row }) => row)], body);
}

function amount(value: number, { unit }: Row): string {
  return unit === undefined ? `${value} ×` : `${value} ${unit}`;
}

function spread(summary: Summary | undefined): string {
  return summary === undefined ? '–' : `${summary.low.toFixed(2)}–${summary.high.toFixed(2)}`;
}

/** Columns a text takes; our arrows and signs are one each. */
function widthOf(text: string): number {
  return text.length;
}

function pad(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(width - widthOf(text));
  return right ? space + text : text + space;
}
