import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Outcome } from '../measure/outcome.ts';

/** What one experiment left behind. */
export interface Result {
  readonly experiment: string;
  /** ISO time. */
  readonly measured: string;
  readonly node: string;
  readonly machine: string;
  readonly rounds: number;
  readonly outcomes: readonly Outcome[];
}

const folder = fileURLToPath(new URL('../results/', import.meta.url));

/** Writes one file per experiment, in place of its last one. */
export function writeResult(experiment: string, rounds: number, outcomes: readonly Outcome[]): void {
  const result: Result = {
    experiment,
    measured: new Date().toISOString(),
    node: process.version,
    machine: `${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    rounds,
    outcomes,
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}${experiment}.json`, `${JSON.stringify(result, undefined, 2)}\n`);
}

/** The last result of every experiment. */
export function readResults(): Result[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(folder + name, 'utf8')) as Result);
}
