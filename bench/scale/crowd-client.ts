import type { Connection } from '../compare/adapter.ts';
import { adapters, type AdapterName } from '../compare/adapters.ts';
import { readingOf } from '../compare/reading.ts';
import { answerParent } from '../harness/rpc.ts';
import { heapAfterCollection, markUsage, type Usage } from '../harness/usage.ts';
import { Fanned } from '../macro/workload.ts';
import { wallClock, type Memory } from './clock.ts';

/** What a client process tells of its connections after the server was killed; by connection. */
export interface Returns {
  /** Tries until it was back. */
  readonly dials: readonly number[];
  /** Times it was told that its session is lost. */
  readonly lost: readonly number[];
  /** When it was back, by {@link wallClock}. */
  readonly back: readonly number[];
}

/** Connections that are being opened at once by this process. */
const dials = 100;

const [adapterName, from] = process.argv.slice(2) as [AdapterName, string];
const adapter = await adapters[adapterName]();

const connections: Connection[] = [];
let dialled = 0;
let pushed = 0;
let answered = 0;
let validatedBefore = 0;
let used: () => Usage = markUsage();

let fanned = new Fanned(0);
let wanted = 0;
let whole: { promise: Promise<void>; resolve: () => void } = Promise.withResolvers();

let tries: number[] = [];
let losses: number[] = [];
let backAt: number[] = [];
let away = 0;
let allBack: { promise: Promise<void>; resolve: () => void } = Promise.withResolvers();

async function connect(port: number): Promise<void> {
  const at = dialled;
  dialled += 1;
  connections[at] = await adapter.connect(
    port,
    ({ n }) => {
      pushed += 1;
      fanned.take(n, at);
      if (fanned.arrived === wanted) whole.resolve();
    },
    {
      from,
      watch: {
        dialled: () => (tries[at] = (tries[at] ?? 0) + 1),
        lost: () => (losses[at] = (losses[at] ?? 0) + 1),
        connected() {
          if (away === 0 || backAt[at] !== undefined) return;
          backAt[at] = wallClock();
          away -= 1;
          if (away === 0) allBack.resolve();
        },
      },
    },
  );
}

answerParent({
  async open({ port, count }: { port: number; count: number }): Promise<Usage> {
    const used = markUsage();
    let left = count;
    async function lane(): Promise<void> {
      while (left > 0) {
        left -= 1;
        await connect(port);
      }
    }
    await Promise.all(Array.from({ length: Math.min(dials, count) }, lane));
    return used();
  },
  /** The first connections are going to get so many messages each, numbered from 0, and the others none. */
  arm({ each, among }: { each: number; among: number }) {
    fanned = new Fanned(among);
    wanted = each * among;
    whole = Promise.withResolvers();
    if (wanted === 0) whole.resolve();
  },
  /** When the last of what {@link arm} announced was here. */
  async arrived(): Promise<number> {
    await whole.promise;
    return wallClock();
  },
  /** Subscribes so many connections, each to the topic that `names` has for it in turn. */
  async subscribe({ first, end, names }: { first: number; end: number; names: readonly string[] }): Promise<void> {
    const some = connections.slice(first, end) as Required<Connection>[];
    await Promise.all(some.map((connection, i) => connection.subscribe(names[(first + i) % names.length] as string)));
  },
  /** Calls over all connections in turn, so many in flight. */
  async calls({ count, inflight }: { count: number; inflight: number }): Promise<void> {
    const all = connections as Required<Connection>[];
    let next = 0;
    async function lane(): Promise<void> {
      while (next < count) {
        const n = next;
        next += 1;
        const answer = await (all[n % all.length] as Required<Connection>).call(readingOf(n));
        answered += 1;
        if (answer.n !== n || answer.at !== 1_790_000_000_001) throw new Error(`call ${n} got another answer`);
      }
    }
    await Promise.all(Array.from({ length: inflight }, lane));
  },
  begin() {
    pushed = 0;
    answered = 0;
    validatedBefore = adapter.validated?.() ?? 0;
    used = markUsage();
  },
  end(): Usage {
    const usage = used();
    const checked = (adapter.validated?.() ?? 0) - validatedBefore;
    if (adapter.validated !== undefined && checked !== pushed + answered) {
      throw new Error(`${checked} payloads were validated, and ${pushed + answered} arrived`);
    }
    return usage;
  },
  async memory(): Promise<Memory> {
    return { heap: await heapAfterCollection(), rss: process.memoryUsage().rss };
  },
  /** The server is about to be killed: counts tries and lost sessions from here on. */
  watch() {
    tries = connections.map(() => 0);
    losses = connections.map(() => 0);
    backAt = [];
    away = connections.length;
    allBack = Promise.withResolvers();
  },
  async returned(): Promise<Returns> {
    await allBack.promise;
    return { dials: tries, lost: losses, back: backAt };
  },
  /** Times each was told of a lost session since {@link watch}: also those told after they were back. */
  losses: () => losses,
});
