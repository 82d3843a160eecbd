import { readFileSync, writeFileSync } from 'node:fs';
import { interleave } from '../harness/interleave.ts';
import type { WorkloadName } from '../macro/workloads.ts';
import { ratios, summarize } from '../measure/statistics.ts';
import { markdownTable } from '../report/table.ts';
import { margin, regressions, type Guarded } from './verdict.ts';

const file = new URL('baseline.json', import.meta.url);
const rounds = 7;
/** Not the floor: how the kernel bundles many small frames depends on what else runs, and would drown what we do. */
const base = 'batched' as const;

/** Measures what the baseline names; true when nothing got slower. A failure is measured again before it counts. */
export async function guard(): Promise<boolean> {
  const baseline = JSON.parse(readFileSync(file, 'utf8')) as Record<WorkloadName, number>;
  const guarded: Guarded[] = [];
  for (const [name, before] of Object.entries(baseline) as [WorkloadName, number][]) {
    let now: Guarded = { name, baseline: before, measured: await ratioOf(name) };
    for (let again = 0; again < 2 && regressions([now]).length > 0; again += 1) {
      now = { ...now, measured: Math.min(now.measured, await ratioOf(name)) };
    }
    guarded.push(now);
  }
  const slower = regressions(guarded);
  const body = guarded.map((entry) => [
    entry.name,
    entry.baseline.toFixed(2),
    entry.measured.toFixed(2),
    slower.includes(entry) ? '**slower**' : 'ok',
  ]);
  console.log(markdownTable(['× batched', 'baseline', `measured (fails above ${margin} × baseline)`, 'verdict'], body));
  return slower.length === 0;
}

/** Measures anew what the baseline names, and keeps that. */
export async function recordBaseline(): Promise<void> {
  const names = Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object) as WorkloadName[];
  const baseline: Record<string, number> = {};
  for (const name of names) baseline[name] = Number((await ratioOf(name, 2 * rounds)).toFixed(2));
  writeFileSync(file, `${JSON.stringify(baseline, undefined, 2)}\n`);
}

async function ratioOf(workload: WorkloadName, count: number = rounds): Promise<number> {
  const taken = await interleave(workload, [base, 'hawser'], count);
  const [floor = [], hawser = []] = [base, 'hawser' as const].map((name) => taken.get(name)?.map(({ cpu }) => cpu));
  return summarize(ratios(hawser, floor)).median;
}
