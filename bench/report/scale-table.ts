import type { Curve } from '../measure/curve.ts';
import type { Outcome } from '../measure/outcome.ts';
import { contestants, curveTitles, scaleTitles } from './scale-rows.ts';
import { markdownTable } from './table.ts';

/** What was found at 10,000 connections, raw `ws` beside Hawser. Rows that were not measured are left out. */
export function scaleTable(outcomes: readonly Outcome[]): string {
  const body = Object.entries(scaleTitles).flatMap(([id, title]) => {
    const outcome = outcomes.find(({ row }) => row === id);
    if (outcome === undefined) return [];
    const cell = (name: string): string => {
      const figure = outcome.figures.find((candidate) => candidate.name === name);
      return figure === undefined ? '–' : `${rounded(figure.value.median)} ${outcome.unit}`.trim();
    };
    return [[title, cell('floor'), cell('hawser')]];
  });
  return markdownTable(['one server', 'raw ws', 'Hawser'], body);
}

/** One curve as numbers: what grows from left to right. */
export function growthTable({ id, unit, lines }: Curve): string {
  const places = [...new Set(lines.flatMap(({ points }) => points.map(({ at }) => at)))].toSorted((a, b) => a - b);
  const body = lines.map(({ name, points }) => [
    contestants[name] ?? name,
    ...places.map((place) => rounded(points.find(({ at }) => at === place)?.cost.median)),
  ]);
  const { title, grows } = curveTitles[id] ?? { title: id, grows: '' };
  return markdownTable([`${title}, ${unit}, by ${grows}`, ...places.map((place) => place.toLocaleString('en'))], body);
}

/** Three digits are as many as such a figure is worth. */
function rounded(value: number | undefined): string {
  if (value === undefined) return '–';
  const digits = value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
