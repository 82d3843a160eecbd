import type { Figure, Outcome } from '../measure/outcome.ts';
import { rows, type Row } from './rows.ts';

/** One row with what came out. */
export interface Judged {
  readonly row: Row;
  readonly outcome: Outcome;
  readonly figure: Figure;
  /** What stands against the budget: the ratio, or the value where the budget has a unit. */
  readonly measured: number;
  readonly ok: boolean;
}

/** Holds what was measured against the budgets; rows that were not measured are left out. */
export function judge(outcomes: readonly Outcome[], against: readonly Row[] = rows): Judged[] {
  return against.flatMap((row) => {
    const outcome = outcomes.find((candidate) => candidate.row === row.id);
    const figure = outcome?.figures.find(({ name }) => name === row.contestant);
    const summary = row.unit === undefined ? figure?.ratio : figure?.value;
    if (outcome === undefined || figure === undefined || summary === undefined) return [];
    // Compared as it is shown: 1.15 is not missed by 1.1500001.
    const measured = Number(summary.median.toFixed(2));
    return [{ row, outcome, figure, measured, ok: measured <= row.budget }];
  });
}
