import { ratios, summarize, type Summary } from './statistics.ts';

/** What one contestant needed, and how that compares. */
export interface Figure {
  readonly name: string;
  /** In the outcome's unit. */
  readonly value: Summary;
  /** × base of the same run; absent where the figure stands for itself. */
  readonly ratio?: Summary;
}

/** One row of the table, measured. */
export interface Outcome {
  readonly row: string;
  /** Of {@link Figure.value}. */
  readonly unit: string;
  readonly figures: readonly Figure[];
}

/** Compares the rounds of all contestants with those of `base`, round by round. */
export function compared(
  row: string,
  unit: string,
  base: string,
  rounds: ReadonlyMap<string, readonly number[]>,
): Outcome {
  const floor = rounds.get(base);
  if (floor === undefined) throw new Error(`nothing was measured of ${base}`);
  const figures = [...rounds].map(([name, values]) => ({
    name,
    value: summarize(values),
    ratio: summarize(ratios(values, floor)),
  }));
  return { row, unit, figures };
}
