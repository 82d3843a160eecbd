import type { AdapterName } from '../compare/adapters.ts';
import type { WorkloadName } from '../macro/workloads.ts';
import { keepAwake } from './keep-awake.ts';
import { Pair, type Round } from './pair.ts';

/** Rounds before the first that counts: a process rests between rounds, and only then meets what it does at rest. */
const unmeasured = 2;

/** The rounds of every contestant of one workload; the same place is the same round. */
export type Rounds = Map<AdapterName, readonly Round[]>;

/**
 * Runs one workload with all contestants in turn, round by round: what disturbs the machine for a while disturbs all.
 *
 * @param execArgv - for the processes, such as `--cpu-prof`
 */
export async function interleave(
  workload: WorkloadName,
  names: readonly AdapterName[],
  rounds: number,
  execArgv: readonly string[] = [],
): Promise<Rounds> {
  const release = workload === 'calls-1' ? keepAwake() : () => undefined;
  const contestants = names.map((name) => ({
    pair: new Pair(name, workload, execArgv),
    results: [] as Round[],
  }));
  try {
    for (const { pair } of contestants) await pair.warmUp();
    for (let round = 0; round < unmeasured + rounds; round += 1) {
      // Another one begins each time: nobody always runs behind the same neighbour.
      const first = round % contestants.length;
      for (const { pair, results } of [...contestants.slice(first), ...contestants.slice(0, first)]) {
        const figures = await pair.round();
        if (round >= unmeasured) results.push(figures);
      }
    }
  } finally {
    await Promise.all(contestants.map(({ pair }) => pair.stop()));
    release();
  }
  return new Map(contestants.map(({ pair, results }) => [pair.name, results]));
}
