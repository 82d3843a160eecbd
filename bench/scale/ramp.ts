import { Curves } from '../measure/curve.ts';
import { compared, type Outcome } from '../measure/outcome.ts';
import { summarize } from '../measure/statistics.ts';
import type { Memory } from './clock.ts';
import { Crowd, type Ends } from './crowd.ts';
import type { Findings } from './findings.ts';
import { cpuOf, measureCalls, measureFanOut } from './operations.ts';

/** Where costs are looked at; the next size is opened `step` at a time. */
const sizes = [1, 10, 100, 1_000, 10_000] as const;
export const most = 10_000;
const step = 1_000;
/** Memory is compared with what it was with so many connections, when all code had run. */
const memoryBase = 100;
/** One period of the heartbeat, milliseconds: every link is probed once. */
const idleTime = 25_000;
/** Until the optimising compiler has seen everything: microseconds of CPU, on a busy machine of time. */
const warmUpTime = { cpu: 1_000_000, wall: 3_000_000 } as const;
/** Topics that share all subscribers. */
const manyTopics = Array.from({ length: 100 }, (_, i) => `topic ${i}`);

/** Both crowds, and what was found out about them; by name where one number tells. */
interface Run {
  readonly crowds: readonly Crowd[];
  readonly curves: Curves;
  /** Microseconds of CPU for each connection, by step. */
  readonly opening: Map<string, number[]>;
  readonly openingTime: Map<string, number>;
}

/** 1 to 10,000 connections of raw `ws` and of Hawser, each to one server, by turns: what they cost. */
export async function manyConnections(): Promise<Findings> {
  const crowds = [new Crowd('floor'), new Crowd('hawser')];
  const run: Run = { crowds, curves: new Curves(), opening: new Map(), openingTime: new Map() };
  try {
    for (const crowd of crowds) await crowd.serve({ heartbeatEvery: idleTime });
    let bases: readonly Ends<Memory>[] = [];
    for (const size of sizes) {
      await growTo(run, size);
      if (size === 1) await warmUp(crowds);
      if (size === memoryBase) bases = await memoriesOf(crowds);
      if (size < most) await measureAt(run, size);
    }
    const memory = memoryOutcomes(crowds, bases, await memoriesOf(crowds));
    const idle = await idleCosts(crowds);
    await measureAt(run, most);
    const subscribing = await subscribeInSteps(run);
    const curves = run.curves.take('µs', summarize);
    return {
      outcomes: [...openingCosts(run), ...memory, ...idle, ...fanOutCosts(run.curves), subscribing],
      curves: curves.filter(({ id }) => ['broadcast', 'publish', 'call'].includes(id)),
    };
  } finally {
    await Promise.all(crowds.map((crowd) => crowd.stop()));
  }
}

async function growTo({ crowds, opening, openingTime }: Run, size: number): Promise<void> {
  for (const { size: before } = crowds[0] as Crowd; (crowds[0] as Crowd).size < size;) {
    for (const crowd of crowds) {
      const spent = await crowd.growTo(Math.min(size, crowd.size + step));
      openingTime.set(crowd.name, (openingTime.get(crowd.name) ?? 0) + spent.wall / 1_000);
      if (before < 1_000) continue;
      opening.set(crowd.name, [...(opening.get(crowd.name) ?? []), cpuOf(spent) / step]);
    }
  }
}

async function warmUp(crowds: readonly Crowd[]): Promise<void> {
  for (const crowd of crowds) {
    let [cpu, wall] = [0, 0];
    while (cpu < warmUpTime.cpu && wall < warmUpTime.wall) {
      const spent = await crowd.spent(async () => {
        await crowd.tell({ together: 1, apart: 1_000, topics: [] });
        await crowd.calls(3_200, 64);
      });
      cpu += cpuOf(spent);
      wall += spent.wall;
    }
  }
}

async function measureAt({ crowds, curves }: Run, size: number): Promise<void> {
  const everybody = { topics: [], recipients: size, among: size } as const;
  await measureFanOut(crowds, { id: 'broadcast', together: 1, ...everybody }, size, curves);
  await measureCalls(crowds, curves);
}

/** Publishing, as more and more of the connections subscribe; resolves with what subscribing took. */
async function subscribeInSteps({ crowds, curves }: Run): Promise<Outcome> {
  const topics = ['everybody'];
  const taken = new Map<string, number>();
  for (const [i, size] of sizes.entries()) {
    for (const crowd of crowds) {
      const began = performance.now();
      await crowd.subscribe(topics, sizes[i - 1] ?? 0, size);
      taken.set(crowd.name, (taken.get(crowd.name) ?? 0) + performance.now() - began);
    }
    const one = { topics, recipients: size, among: size } as const;
    await measureFanOut(crowds, { id: 'publish', together: 1, ...one }, size, curves);
  }
  const all = { topics, recipients: most, among: most } as const;
  await measureFanOut(crowds, { id: 'publish-10', together: 10, ...all }, most, curves);
  for (const crowd of crowds) await crowd.subscribe(manyTopics, 0, most);
  const each = most / manyTopics.length;
  const shared = { topics: manyTopics, recipients: each, among: most } as const;
  await measureFanOut(crowds, { id: 'publish-topics', together: 1, ...shared }, most, curves);
  return single('subscribing', 'ms', taken);
}

function memoriesOf(crowds: readonly Crowd[]): Promise<Ends<Memory>[]> {
  return Promise.all(crowds.map((crowd) => crowd.memory()));
}

function memoryOutcomes(
  crowds: readonly Crowd[],
  bases: readonly Ends<Memory>[],
  now: readonly Ends<Memory>[],
): Outcome[] {
  return (['server', 'clients'] as const).flatMap((end) =>
    (['heap', 'rss'] as const).map((what) => {
      const kib = crowds.map(({ name }, i): [string, number] => {
        const grown = (now[i] as Ends<Memory>)[end][what] - (bases[i] as Ends<Memory>)[end][what];
        return [name, grown / (most - memoryBase) / 1_024];
      });
      return single(`${what}-${end}`, 'KiB', new Map(kib));
    }),
  );
}

/** What doing nothing costs while every link is probed once, all crowds at the same time. */
async function idleCosts(crowds: readonly Crowd[]): Promise<Outcome[]> {
  const spent = await Promise.all(
    crowds.map((crowd) => crowd.spent(() => new Promise((resolve) => setTimeout(resolve, idleTime)))),
  );
  return (['server', 'clients'] as const).map((end) => {
    const share = crowds.map(({ name }, i): [string, number] => [
      name,
      ((spent[i]?.[end] ?? 0) / 1_000 / idleTime) * 100,
    ]);
    return single(`idle-${end}`, '% of a core', new Map(share));
  });
}

function openingCosts({ opening, openingTime }: Run): Outcome[] {
  return [
    single('opened', 's', new Map([...openingTime].map(([name, ms]) => [name, ms / 1_000]))),
    compared('opening', 'µs', 'floor', opening),
  ];
}

function fanOutCosts(curves: Curves): Outcome[] {
  const row = (id: string, unit: string, at: number, from: string = id): Outcome =>
    compared(id, unit, 'floor', new Map(['floor', 'hawser'].map((name) => [name, curves.costsOf(from, name, at)])));
  return [
    row('broadcast-1000', 'µs', 1_000, 'broadcast'),
    row('broadcast-1000-time', 'ms', 1_000, 'broadcast-time'),
    row('broadcast-10000', 'µs', most, 'broadcast'),
    row('broadcast-10000-time', 'ms', most, 'broadcast-time'),
    row('publish-10000', 'µs', most, 'publish'),
    row('publish-10000-time', 'ms', most, 'publish-time'),
    row('publish-10', 'µs', most),
    row('publish-topics', 'µs', most),
  ];
}

/** Of a thing measured once. */
function single(row: string, unit: string, values: ReadonlyMap<string, number>): Outcome {
  return { row, unit, figures: [...values].map(([name, value]) => ({ name, value: summarize([value]) })) };
}
