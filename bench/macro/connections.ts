import type { AdapterName } from '../compare/adapters.ts';
import { Pair } from '../harness/pair.ts';
import { compared, type Outcome } from '../measure/outcome.ts';
import { summarize } from '../measure/statistics.ts';

/** Connections of a round; all stay open. */
const step = 1_000;
const rounds = 5;
/** Opened before anything is measured. */
const before = 200;

/** Opens 5,000 connections: what opening costs, and what each keeps on the heap while nothing happens. */
export async function openConnections(names: readonly AdapterName[]): Promise<readonly Outcome[]> {
  const contestants = names.map((name) => ({
    name,
    pair: new Pair(name, 'messages', ['--expose-gc']),
    cpu: [] as number[],
  }));
  try {
    for (const { pair } of contestants) {
      await pair.listen();
      await pair.open(before);
    }
    const heaps = new Map<string, { server: number; client: number }>();
    for (const { name, pair } of contestants) heaps.set(name, await pair.heaps());
    for (let round = 0; round < rounds; round += 1) {
      for (const { pair, cpu } of contestants) cpu.push((await pair.open(step)).cpu);
    }
    const idle = { server: new Map<string, number[]>(), client: new Map<string, number[]>() };
    for (const { name, pair } of contestants) {
      const now = await pair.heaps();
      for (const end of ['server', 'client'] as const) {
        idle[end].set(name, [(now[end] - (heaps.get(name)?.[end] ?? 0)) / (step * rounds) / 1_024]);
      }
    }
    return [
      compared('connections', 'µs', 'floor', new Map(contestants.map(({ name, cpu }) => [name, cpu]))),
      heapOutcome('idle-server', idle.server),
      heapOutcome('idle-client', idle.client),
    ];
  } finally {
    await Promise.all(contestants.map(({ pair }) => pair.stop()));
  }
}

function heapOutcome(row: string, values: ReadonlyMap<string, readonly number[]>): Outcome {
  const figures = [...values].map(([name, kib]) => ({ name, value: summarize(kib) }));
  return { row, unit: 'KiB', figures };
}
