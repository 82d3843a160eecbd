import { loadavg } from 'node:os';
import { readArguments, UsageError, type Arguments } from './cli/arguments.ts';
import { experiments } from './experiments.ts';
import { guard, recordBaseline } from './guard/guard.ts';
import type { Outcome } from './measure/outcome.ts';
import { micro } from './micro/micro.ts';
import { measureProfiles, profiles, usualProfiles } from './profile/profile.ts';
import { documentFigures, documentProfiles, documentScale } from './report/documentation.ts';
import { readResults, writeResult } from './report/results.ts';
import { budgetTable, comparisonTable } from './report/table.ts';
import { judge } from './report/verdict.ts';
import { measureScale, scaleParts } from './scale/scale.ts';

/** On a busy machine the rest is measured without other libraries from here on, so that ten minutes suffice; milliseconds. */
const peersUntil = 360_000;

const names = Object.keys(experiments);
const scaleNames = Object.keys(scaleParts);

try {
  await run(readArguments(process.argv.slice(2), { experiments: names, scale: scaleNames, profile: profiles }));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function run(args: Arguments): Promise<void> {
  if (args.record) await recordBaseline();
  else if (args.guard) process.exitCode = (await guard()) ? 0 : 1;
  else if (args.micro) await micro();
  else if (args.profile) {
    await measureProfiles(args.only);
    if (args.docs) document(usualProfiles, 'profile-', documentProfiles);
  } else if (args.scale) {
    await measureScale(args.only);
    if (args.docs) document(scaleNames, 'scale-', documentScale);
  } else {
    await measure(args);
    if (args.docs) document(names, '', documentFigures);
  }
}

async function measure(args: Arguments): Promise<void> {
  const rounds = args.rounds ?? (args.quick ? 5 : 7);
  const began = performance.now();
  const measured: Outcome[] = [];
  for (const name of args.only.length > 0 ? args.only : names) {
    const load = loadavg()[0] ?? 0;
    console.error(
      `${((performance.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${name} (load ${load.toFixed(1)})`,
    );
    const late = performance.now() - began > peersUntil;
    if (late) console.error('        on a machine this busy, without the other libraries');
    const outcomes = (await experiments[name]?.({ rounds, peers: !args.quick && !late })) ?? [];
    writeResult(name, { rounds, load, outcomes });
    measured.push(...outcomes);
  }
  const compared = measured.filter(({ figures }) => figures.length > 2);
  console.log(`\n${budgetTable(judge(measured))}`);
  if (compared.length > 0) console.log(`\n${comparisonTable(compared)}`);
  console.error(`\n${((performance.now() - began) / 1_000).toFixed(0)} s`);
}

/** A table of half of the figures would take the place of a whole one. */
function document(wanted: readonly string[], prefix: string, write: typeof documentScale): void {
  const results = readResults(wanted.map((name) => prefix + name));
  const missing = wanted.filter((name) => results.every(({ experiment }) => experiment !== prefix + name));
  if (missing.length === 0) return write(results);
  console.error(`The documentation stays as it is: there are no results of ${missing.join(', ')}.`);
  process.exitCode = 1;
}
