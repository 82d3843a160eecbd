import type { AdapterName } from '../compare/adapters.ts';
import { interleave, type Rounds } from '../harness/interleave.ts';
import { sizes } from '../macro/workloads.ts';
import { Curves } from '../measure/curve.ts';
import { summarize } from '../measure/statistics.ts';
import type { Findings } from './findings.ts';

const rounds = 7;
/** Names of messages, each with a handler. */
const counts = [1, 10, 100, 1_000] as const;

/** What one message costs, by its size. */
export async function largerMessages(): Promise<Findings> {
  const curves = new Curves();
  for (const size of sizes) {
    const taken = await interleave(`size-${size}`, ['floor', 'hawser'], rounds);
    for (const name of ['floor', 'hawser'] as const) addAll(curves, 'size', name, size, taken, name);
  }
  return { outcomes: [], curves: curves.take('µs', summarize) };
}

/** What one message costs, by how many names with handlers there are. */
export async function moreNames(): Promise<Findings> {
  const curves = new Curves();
  const everybody = counts.flatMap((count) => [`floor-${count}-names`, `hawser-${count}-names`] as const);
  const taken = await interleave('messages', everybody, rounds);
  for (const count of counts) {
    for (const name of ['floor', 'hawser'] as const)
      addAll(curves, 'names', name, count, taken, `${name}-${count}-names`);
  }
  return { outcomes: [], curves: curves.take('µs', summarize) };
}

function addAll(curves: Curves, id: string, line: string, at: number, taken: Rounds, contestant: AdapterName): void {
  for (const { cpu } of taken.get(contestant) ?? []) curves.add(id, line, at, cpu);
}
