import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Curve } from '../measure/curve.ts';
import type { Outcome } from '../measure/outcome.ts';

/** What was found out. */
export interface Finding {
  readonly outcomes: readonly Outcome[];
  readonly curves?: readonly Curve[];
  /** Rounds of each contestant, where there is one number. */
  readonly rounds?: number;
  /** Load average of the machine when it began, as `uptime` says it. */
  readonly load: number;
}

/** What one experiment left behind. */
export interface Result extends Finding {
  readonly experiment: string;
  /** ISO time. */
  readonly measured: string;
  readonly node: string;
  readonly machine: string;
}

const folder = fileURLToPath(new URL('../results/', import.meta.url));

/** Writes one file per experiment, in place of its last one. */
export function writeResult(experiment: string, finding: Finding): void {
  const result: Result = {
    experiment,
    measured: new Date().toISOString(),
    node: process.version,
    machine: `${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    ...finding,
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}${experiment}.json`, `${JSON.stringify(result, undefined, 2)}\n`);
}

/** The last results of these experiments; those that were never run are left out. */
export function readResults(experiments: readonly string[]): Result[] {
  mkdirSync(folder, { recursive: true });
  const present = new Set(readdirSync(folder));
  return experiments
    .filter((name) => present.has(`${name}.json`))
    .map((name) => JSON.parse(readFileSync(`${folder}${name}.json`, 'utf8')) as Result);
}
