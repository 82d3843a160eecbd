import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FaultProxy } from './support/fault-proxy.ts';
import { type ResourceWatch, watchResources } from './support/resources.ts';
import { SoakChild } from './support/soak/child.ts';
import { cutter } from './support/soak/cutter.ts';
import { judge } from './support/soak/judge.ts';
import type { Settings } from './support/soak/messages.ts';
import { seededRandom } from './support/seeded-random.ts';
import { until } from './support/until.ts';

/**
 * How much of it. The defaults fit a minute; for hours of it, say
 * `HAWSER_CUTS=10000 HAWSER_KILLS=200 npx vitest run packages/server/test/process.test.ts`.
 */
const amount = {
  /** Links cut. */
  cuts: Number(process.env['HAWSER_CUTS'] ?? 50),
  /** Times the server is killed. */
  kills: Number(process.env['HAWSER_KILLS'] ?? 5),
  /** Messages a second, each way. */
  rate: Number(process.env['HAWSER_RATE'] ?? 2_000),
  /** Chance of where the cuts fall. */
  seed: Number(process.env['HAWSER_SEED'] ?? 20_260_101),
};
/** A cut with all that follows takes a fraction of a second, a kill with the start of a process about one. */
const timeLimit = 30_000 + amount.cuts * 1_500 + amount.kills * 6_000;

let resources: ResourceWatch;
let folder: string;
let proxy: FaultProxy | undefined;
let children: SoakChild[];

beforeEach(() => {
  resources = watchResources();
  folder = mkdtempSync(join(tmpdir(), 'hawser-'));
  children = [];
});

afterEach(async () => {
  await Promise.all(children.map((child) => child.kill()));
  await proxy?.close();
  rmSync(folder, { recursive: true });
  await resources.done();
});

test(
  `${amount.cuts} cuts and ${amount.kills} killed servers under ${amount.rate} messages a second each way`,
  async () => {
    const record = join(folder, 'delivered');
    const random = seededRandom(amount.seed);
    const start = (name: 'client' | 'server', settings: Partial<Settings>): SoakChild => {
      const child = new SoakChild(name, { url: '', port: 0, record, rate: amount.rate, ...settings });
      children.push(child);
      return child;
    };
    const faults = (): string[] => children.flatMap((child) => child.faults);

    let server = start('server', {});
    const { port } = await server.report('listening');
    proxy = await FaultProxy.start({ target: port });
    const client = start('client', { url: `ws://127.0.0.1:${proxy.port}/` });
    const progress = async () => (await client.report('progress')).progress;
    /** Welcomed again since, and traffic both ways. */
    const recovered = async (since: Awaited<ReturnType<typeof progress>>): Promise<void> => {
      await until(
        'the client is back, with traffic both ways',
        () => {
          const now = client.latest('progress')?.progress;
          if (faults().length > 0) return true;
          return (
            now !== undefined &&
            now.connected &&
            now.connections > since.connections &&
            now.answered > since.answered &&
            now.received > since.received + 100
          );
        },
        15_000,
        () => ({ since, now: client.latest('progress')?.progress, log: proxy?.log.slice(-6) }),
      );
      expect(faults()).toEqual([]);
    };

    await recovered({ ...(await progress()), connections: 0, answered: 0, received: 0 });

    const cut = cutter(proxy, random);
    const killEvery = Math.ceil(amount.cuts / (amount.kills + 1));
    let kills = 0;
    while (cut.done < amount.cuts || kills < amount.kills) {
      const since = await progress();
      if (kills < amount.kills && cut.done >= killEvery * (kills + 1)) {
        kills += 1;
        await server.kill();
        server = start('server', { port });
        await server.report('listening');
        await until('the loss is told', () => (client.latest('progress')?.progress.losses ?? 0) >= kills, 15_000);
      } else await cut.once();
      await recovered(since);
    }

    client.order('stop');
    server.order('stop');
    // The client's last call comes behind everything else, so its answer proves that all has arrived, both ways.
    client.order('finish');
    const { account, tally } = await client.report('finished');
    server.order('finish');
    expect([await client.ended(), await server.ended()]).toEqual([0, 0]);
    expect(faults()).toEqual([]);

    const delivered = readRecord(record);
    expect(judge({ sessions: account.sessions, delivered, sentInLast: tally.sent, kills })).toEqual([]);
    expect(tally.received).toBe(account.sessions.at(-1)?.outbox.length);
    expect(account.close).toEqual({ unacknowledged: 0, unsent: 0 });
    // Each call was settled once; what was lost was lost with a session.
    const { ok = 0, UNKNOWN_OUTCOME: unknown = 0, ...others } = account.calls;
    expect(others).toEqual({});
    expect(ok + unknown).toBe(account.started);
    expect(account.states.at(-1)).toBe('closed');

    expect(cut.done).toBeGreaterThanOrEqual(amount.cuts);
    // Or the sorting of the losses would have had nothing to sort.
    const losses = account.sessions.flatMap(({ loss }) => (loss === undefined ? [] : [loss]));
    expect(losses.every((loss) => loss.acked > 0 && loss.unsent.length > 0)).toBe(true);
    expect(losses.some((loss) => loss.unknown.length > 0) || kills === 0).toBe(true);
    const total = account.sessions.reduce((sum, session) => sum + session.outbox.length + session.inbox.length, 0);
    console.log(`${cut.done} cuts, ${kills} kills, ${total} messages and calls, seed ${amount.seed}`);
  },
  timeLimit,
);

/** What arrived at the servers, by session, in order. */
function readRecord(file: string): Map<string, number[]> {
  const delivered = new Map<string, number[]>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [id, n] = line.split(' ');
    if (id === undefined || n === undefined) continue;
    const list = delivered.get(id) ?? [];
    list.push(Number(n));
    delivered.set(id, list);
  }
  return delivered;
}
