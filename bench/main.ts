import { readArguments } from './cli/arguments.ts';
import { experiments } from './experiments.ts';
import { guard, recordBaseline } from './guard/guard.ts';
import type { Outcome } from './measure/outcome.ts';
import { micro } from './micro/micro.ts';
import { writeDocumentation } from './report/documentation.ts';
import { readResults, writeResult } from './report/results.ts';
import { budgetTable, comparisonTable } from './report/table.ts';
import { judge } from './report/verdict.ts';

/** On a busy machine the rest is measured without other libraries from here on, so that ten minutes suffice; milliseconds. */
const peersUntil = 270_000;

const names = Object.keys(experiments);
const args = readArguments(process.argv.slice(2), names);

if (args.record) await recordBaseline();
else if (args.guard) process.exitCode = (await guard()) ? 0 : 1;
else if (args.micro) await micro();
else await measure();

async function measure(): Promise<void> {
  const rounds = args.rounds ?? (args.quick ? 5 : 9);
  const began = performance.now();
  const measured: Outcome[] = [];
  for (const name of args.only.length > 0 ? args.only : names) {
    console.error(`${((performance.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${name}`);
    const late = performance.now() - began > peersUntil;
    if (late) console.error('        on a machine this busy, without the other libraries');
    const outcomes = (await experiments[name]?.({ rounds, peers: !args.quick && !late })) ?? [];
    writeResult(name, rounds, outcomes);
    measured.push(...outcomes);
  }
  const compared = measured.filter(({ figures }) => figures.length > 2);
  console.log(`\n${budgetTable(judge(measured))}`);
  if (compared.length > 0) console.log(`\n${comparisonTable(compared)}`);
  if (args.docs) writeDocumentation(readResults());
  console.error(`\n${((performance.now() - began) / 1_000).toFixed(0)} s`);
}
