import type { Outcome } from '../measure/outcome.ts';
import { quantile, summarize } from '../measure/statistics.ts';
import { wallClock } from './clock.ts';
import { Crowd } from './crowd.ts';
import type { Findings } from './findings.ts';

const clients = 10_000;
/** As the option `spread` of the server recommends for so many, milliseconds. */
const spread = 13_000;
/** How long a link must hold before past failures are forgotten, and a little more; milliseconds. */
const stable = 6_000;

/** 10,000 clients whose server is killed and replaced: without `spread`, then with it. */
export async function comingBack(): Promise<Findings> {
  const crowd = new Crowd('hawser');
  try {
    await crowd.serve({});
    await crowd.growTo(clients);
    await settled();
    // The server that is killed says how its clients spread; this one says it for the second time.
    const atOnce = await killAndWait(crowd, 'at once', spread);
    await settled();
    const spreadOut = await killAndWait(crowd, 'spread', spread);
    return { outcomes: [...atOnce, ...spreadOut], curves: [] };
  } finally {
    await crowd.stop();
  }
}

async function killAndWait(crowd: Crowd, how: string, next: number): Promise<Outcome[]> {
  const killed = wallClock();
  await crowd.replaceServer({ spread: next });
  const listening = wallClock() - killed;
  const { dials, back } = await crowd.returns();
  // Everybody is there, once: each gets one message, and nobody a second one.
  await crowd.tell({ together: 1, apart: 1, topics: [] });
  const lost = await crowd.losses();
  if (lost.length !== clients || lost.some((times) => times !== 1)) {
    const wrong = lost.filter((times) => times !== 1).length;
    throw new Error(`${wrong} of ${lost.length} clients were not told exactly once that their session is lost`);
  }
  const times = back.map((at) => (at - killed) / 1_000);
  const outcome = (row: string, unit: string, value: number): Outcome => ({
    row: `${row}, ${how}`,
    unit,
    figures: [{ name: 'hawser', value: summarize([value]) }],
  });
  return [
    outcome('listening', 's', listening / 1_000),
    outcome('half back', 's', quantile(times, 0.5)),
    outcome('all back', 's', Math.max(...times)),
    outcome('tries, median', '', quantile(dials, 0.5)),
    outcome('tries, most', '', Math.max(...dials)),
    outcome('sessions lost', '', lost.reduce((sum, n) => sum + n, 0) / lost.length),
  ];
}

function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, stable));
}
