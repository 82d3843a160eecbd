import { loadavg } from 'node:os';
import type { AdapterName } from '../compare/adapters.ts';
import { keepAwake } from '../harness/keep-awake.ts';
import { Pair, type Round } from '../harness/pair.ts';
import { workloads, type WorkloadName } from '../macro/workloads.ts';
import type { Outcome } from '../measure/outcome.ts';
import { quantile, summarize } from '../measure/statistics.ts';
import { writeResult } from '../report/results.ts';
import { profileTable } from '../report/profile-table.ts';
import { divided, plus, type Areas } from './areas.ts';

/** How the time of both main threads was divided. */
interface Shares {
  readonly server: Areas;
  readonly client: Areas;
}

/** Plain rounds, and as many with the profiler. */
const rounds = 10;
/** Threads of V8 that compile and collect beside the main one. */
const helpers = 'other threads of V8';
/** Opened per round, and before the first one. */
const opened = 500;
const before = 200;

/** What can be profiled. */
export const profiles: readonly string[] = ['connections', ...Object.keys(workloads)];
/** What is when nothing is named: the rows that miss their budget. */
export const usualProfiles: readonly string[] = ['calls-1', 'connections', 'messages'];

/** Profiles these, prints their tables, and keeps the results. */
export async function measureProfiles(only: readonly string[]): Promise<void> {
  for (const name of only.length > 0 ? only : usualProfiles) {
    const load = loadavg()[0] ?? 0;
    const outcomes = await profile(name);
    writeResult(`profile-${name}`, { rounds, load, outcomes });
    console.log(`\n${profileTable(name, outcomes)}`);
  }
}

/**
 * Where the CPU time of one operation goes, one outcome per area.
 *
 * Times are those of rounds without the profiler, which costs time itself; how they are divided is told by as many rounds
 * with it, in turns.
 */
async function profile(name: string): Promise<readonly Outcome[]> {
  const release = name === 'calls-1' ? keepAwake() : () => undefined;
  const pairs = contestantsOf(name).map((contestant) => new Pair(contestant, workloadOf(name)));
  try {
    for (const pair of pairs) await (name === 'connections' ? begin(pair) : pair.warmUp());
    const step = (pair: Pair): Promise<Round> => (name === 'connections' ? pair.open(opened) : pair.round());
    const plain = new Map<Pair, Round[]>(pairs.map((pair) => [pair, []]));
    const shares = new Map<Pair, Shares>(pairs.map((pair) => [pair, { server: {}, client: {} }]));
    for (let i = 0; i < rounds; i += 1) {
      const first = i % pairs.length;
      for (const pair of [...pairs.slice(first), ...pairs.slice(0, first)]) {
        plain.get(pair)?.push(await step(pair));
        await pair.startProfile();
        await step(pair);
        const { server, client } = await pair.stopProfile();
        const sum = shares.get(pair) as Shares;
        shares.set(pair, {
          server: plus(sum.server, server, 1 / rounds),
          client: plus(sum.client, client, 1 / rounds),
        });
      }
    }
    const all = pairs.map((pair): [string, Areas] => {
      const { server, client } = shares.get(pair) as Shares;
      const median = (pick: (round: Round) => number): number => quantile((plain.get(pair) as Round[]).map(pick), 0.5);
      const wall = median((round) => round.wall);
      const onServer = divided(
        server,
        wall,
        median(({ serverMain }) => serverMain),
      );
      const onClient = divided(
        client,
        wall,
        median(({ main, serverMain }) => main - serverMain),
      );
      const onBoth = plus(onServer, onClient, 1);
      return [pair.name, { ...onBoth, [helpers]: median(({ cpu, main }) => cpu - main) }];
    });
    return outcomesOf(all);
  } finally {
    await Promise.all(pairs.map((pair) => pair.stop()));
    release();
  }
}

function contestantsOf(name: string): readonly AdapterName[] {
  return ['floor', 'promised', 'hawser', ...(name === 'messages' ? (['hawser-msgpack'] as const) : [])];
}

/** What costs most comes first. */
function outcomesOf(all: readonly (readonly [name: string, areas: Areas])[]): Outcome[] {
  const rows = [...new Set(all.flatMap(([, areas]) => Object.keys(areas)))];
  const most = (row: string): number => Math.max(...all.map(([, areas]) => areas[row] ?? 0));
  return rows
    .toSorted((a, b) => most(b) - most(a))
    .map((row) => ({
      row,
      unit: 'µs',
      figures: all.map(([name, areas]) => ({ name, value: summarize([areas[row] ?? 0]) })),
    }));
}

function workloadOf(name: string): WorkloadName {
  return name === 'connections' ? 'messages' : (name as WorkloadName);
}

async function begin(pair: Pair): Promise<void> {
  await pair.listen();
  await pair.open(before);
}
