import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Arguments {
  /** Names of experiments, or of parts of the scale bench; all when empty. */
  readonly only: readonly string[];
  /** Fewer rounds, no other libraries. */
  readonly quick: boolean;
  /** Measure what grows: connections, messages, names. */
  readonly scale: boolean;
  readonly guard: boolean;
  /** Sample where the time goes. */
  readonly profile: boolean;
  /** Keep what the guard measures as its new baseline. */
  readonly record: boolean;
  /** Also write the table and the chart of the documentation. */
  readonly docs: boolean;
  /** Measure parts instead of the whole. */
  readonly micro: boolean;
  readonly rounds: number | undefined;
}

/** What `--only` can name. */
export interface KnownNames {
  readonly experiments: readonly string[];
  /** With `--scale`. */
  readonly scale: readonly string[];
  /** With `--profile`. */
  readonly profile: readonly string[];
}

/** Each is a run of its own. */
const modes = ['scale', 'profile', 'guard', 'record', 'micro'] as const;

/**
 * @param known - what there is to run
 * @throws UsageError naming what is wrong, and what there is
 */
export function readArguments(args: readonly string[], known: KnownNames): Arguments {
  const values = parsed(args);
  const asked = modes.filter((mode) => values[mode]);
  if (asked.length > 1) throw new UsageError(`${listOf(asked)} are runs of their own; give one of them.`);
  const [mode] = asked;
  const idle = (['only', 'rounds', 'quick', 'docs'] as const).filter((name) => values[name] && !takes(mode, name));
  if (mode !== undefined && idle.length > 0) throw new UsageError(`--${mode} does not take ${listOf(idle)}.`);
  const there = known[mode === 'scale' || mode === 'profile' ? mode : 'experiments'];
  const only = [...new Set(values.only.split(',').map((name) => name.trim()))].filter(Boolean);
  const strange = only.filter((name) => !there.includes(name));
  if (strange.length > 0) {
    const where = mode === undefined ? '--only' : `--${mode} --only`;
    throw new UsageError(`There is no ${strange.join(', ')}; ${where} takes ${there.join(', ')}.`);
  }
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new UsageError(`--rounds is ${values.rounds}; it takes a whole number from 1 up.`);
  }
  return { ...values, only, rounds };
}

/** The command line is wrong; the message is for whoever wrote it. */
export class UsageError extends Error {}

function parsed(args: readonly string[]) {
  try {
    return parse(args);
  } catch (error) {
    // Node says well what it does not know.
    throw new UsageError((error as Error).message);
  }
}

function takes(mode: (typeof modes)[number] | undefined, name: string): boolean {
  return mode === undefined || ((mode === 'scale' || mode === 'profile') && (name === 'only' || name === 'docs'));
}

function listOf(names: readonly string[]): string {
  return names.map((name) => `--${name}`).join(' and ');
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      quick: { type: 'boolean', default: false },
      scale: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      guard: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      docs: { type: 'boolean', default: false },
      micro: { type: 'boolean', default: false },
      rounds: { type: 'string' },
    },
  }).values;
}
