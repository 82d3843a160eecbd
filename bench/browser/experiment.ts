import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { WorkloadName } from '../macro/workloads.ts';
import { compared, type Outcome } from '../measure/outcome.ts';
import type { RunOptions } from '../measure/run-options.ts';
import { quantile, summarize } from '../measure/statistics.ts';
import { findChromium, patience, Tab } from './tab.ts';

/** Milliseconds; the kernel counts the page's CPU in steps of 10. */
const roundTime = 600;
/** Messages of one round of the paced feed: three seconds. */
const pacedCount = 30_000;

/** CPU of a page in Chromium, and how late a fast feed arrives there; nothing where there is no Chromium. */
export async function pageExperiment({ rounds, peers }: RunOptions): Promise<readonly Outcome[]> {
  const chromium = findChromium();
  if (chromium === undefined) {
    console.error('There is no Chromium; set CHROMIUM_PATH to measure pages.');
    return [];
  }
  const script = await bundle();
  const names = ['floor', 'hawser', ...(peers ? ['socket.io'] : [])];
  const outcomes: Outcome[] = [];
  for (const workload of ['feed', 'messages', 'calls-64'] satisfies WorkloadName[]) {
    const taken = new Map<string, number[]>(names.map((name) => [name, []]));
    await withTabs(names, workload, script, chromium, async (tabs) => {
      for (const tab of tabs) await tab.warmUp(roundTime);
      for (let round = 0; round < Math.min(rounds, 7); round += 1) {
        for (const tab of tabs) taken.get(tab.name)?.push((await tab.round()).cpu);
      }
    });
    outcomes.push(compared(`page-${workload}`, 'µs', 'floor', taken));
  }
  const lag = new Map<string, number[]>(names.map((name) => [name, []]));
  await withTabs(names, 'paced', script, chromium, async (tabs) => {
    for (const tab of tabs) lag.set(tab.name, await lagsOf(tab));
  });
  const figures = [...lag].map(([name, values]) => ({ name, value: summarize(values) }));
  return [...outcomes, { row: 'page-lag', unit: 'ms', figures }];
}

/** The 95th percentile of each round; a page that cannot follow until its session is given up counts as the whole patience. */
async function lagsOf(tab: Tab): Promise<number[]> {
  const lags: number[] = [];
  try {
    for (let round = 0; round < 4; round += 1) {
      const { notes } = await tab.round(pacedCount);
      // The first round warms up.
      if (round > 0) lags.push(quantile(notes.latencies ?? [], 0.95) / 1_000);
    }
    return lags;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return [patience];
  }
}

async function withTabs(
  names: readonly string[],
  workload: WorkloadName,
  script: string,
  chromium: string,
  work: (tabs: readonly Tab[]) => Promise<void>,
): Promise<void> {
  const tabs = names.map((name) => new Tab(name, workload, script));
  try {
    for (const tab of tabs) await tab.open(chromium);
    await work(tabs);
  } finally {
    await Promise.all(tabs.map((tab) => tab.close()));
  }
}

/** The page as a production bundle, so that what is measured is what browsers get. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page.ts', import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    conditions: ['browser', 'import'],
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return outputFiles[0]?.text.replaceAll('</script', '<\\/script') ?? '';
}
