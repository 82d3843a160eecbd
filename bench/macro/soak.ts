import type { AdapterName } from '../compare/adapters.ts';
import { Pair } from '../harness/pair.ts';
import type { Outcome } from '../measure/outcome.ts';
import { summarize } from '../measure/statistics.ts';

/** Before the first look at the heap. */
const before = 100_000;
const messages = 1_000_000;

/** Half of a million messages each way: how much more is on the heap of either end afterwards. */
export async function soak(names: readonly AdapterName[]): Promise<readonly Outcome[]> {
  const figures = [];
  for (const name of names) {
    const growth = Math.max(await growthOf(name, 'messages'), await growthOf(name, 'feed'));
    figures.push({ name, value: summarize([growth]) });
  }
  return [{ row: 'soak', unit: 'KiB', figures }];
}

async function growthOf(name: AdapterName, workload: 'messages' | 'feed'): Promise<number> {
  const pair = new Pair(name, workload, ['--expose-gc']);
  try {
    await pair.listen();
    await pair.open(1);
    await pair.round(before);
    const start = await pair.heaps();
    await pair.round(messages / 2);
    const end = await pair.heaps();
    return Math.max(0, end.server - start.server, end.client - start.client) / 1_024;
  } finally {
    await pair.stop();
  }
}
