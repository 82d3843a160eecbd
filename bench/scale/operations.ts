import type { Curves } from '../measure/curve.ts';
import type { Crowd, Spent } from './crowd.ts';

/** Rounds of each figure; on a busy machine, where they take longer than `patience`, the least. */
const rounds = { most: 5, least: 2, patience: 5_000 } as const;
/** Deliveries of one round, at least. */
const deliveries = 10_000;
/** Longest run of ticks between two looks at who has what: nobody falls far behind. */
const longestRun = 1_000;
const callsPerRound = 3_200;
const inflight = 64;

/** How the cost of telling is named, and who is told what. */
export interface FanOut {
  readonly id: string;
  readonly together: number;
  /** None: everybody is told. */
  readonly topics: readonly string[];
  /** Recipients of each message. */
  readonly recipients: number;
  /** Connections that get something. */
  readonly among: number;
}

/** The server's CPU per delivery, and the milliseconds until the last one has what left in one tick, crowd by crowd. */
export async function measureFanOut(
  crowds: readonly Crowd[],
  fanOut: FanOut,
  at: number,
  curves: Curves,
): Promise<void> {
  const { id, together, topics, recipients, among } = fanOut;
  const perTick = together * recipients * Math.max(1, topics.length);
  const apart = Math.min(longestRun, Math.max(together === 1 ? 4 : 1, Math.ceil(deliveries / perTick)));
  const runs = Math.max(1, Math.ceil(deliveries / (perTick * apart)));
  await inRounds(async () => {
    for (const crowd of crowds) {
      const { server } = await crowd.spent(async () => {
        for (let run = 0; run < runs; run += 1) await crowd.tell({ together, apart, topics }, among);
      });
      curves.add(id, crowd.name, at, server / (perTick * apart * runs));
      curves.add(`${id}-time`, crowd.name, at, await crowd.tell({ together, apart: 1, topics }, among));
    }
  });
}

/** CPU of both ends per call, 64 in flight over all connections in turn. */
export async function measureCalls(crowds: readonly Crowd[], curves: Curves): Promise<void> {
  await inRounds(async () => {
    for (const crowd of crowds) {
      const spent = await crowd.spent(() => crowd.calls(callsPerRound, inflight));
      curves.add('call', crowd.name, crowd.size, cpuOf(spent) / callsPerRound);
    }
  });
}

async function inRounds(work: () => Promise<void>): Promise<void> {
  const began = performance.now();
  for (let round = 0; round < rounds.most; round += 1) {
    if (round >= rounds.least && performance.now() - began > rounds.patience) return;
    await work();
  }
}

/** Of both ends. */
export function cpuOf({ server, clients }: Spent): number {
  return server + clients;
}
