import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Arguments {
  /** Names of experiments; all when empty. */
  readonly only: readonly string[];
  /** Fewer rounds, no other libraries. */
  readonly quick: boolean;
  readonly guard: boolean;
  /** Keep what the guard measures as its new baseline. */
  readonly record: boolean;
  /** Also write the table and the chart of the documentation. */
  readonly docs: boolean;
  /** Measure parts instead of the whole. */
  readonly micro: boolean;
  readonly rounds: number | undefined;
}

/**
 * @param known - what there is to run
 * @throws Error naming what is wrong, and what there is
 */
export function readArguments(args: readonly string[], known: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      quick: { type: 'boolean', default: false },
      guard: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      docs: { type: 'boolean', default: false },
      micro: { type: 'boolean', default: false },
      rounds: { type: 'string' },
    },
  });
  const only = values.only.split(',').filter(Boolean);
  const strange = only.filter((name) => !known.includes(name));
  if (strange.length > 0) throw new Error(`There is no ${strange.join(', ')}; --only takes ${known.join(', ')}.`);
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new Error(`--rounds is ${values.rounds}; it takes a whole number from 1 up.`);
  }
  return { ...values, only, rounds };
}
