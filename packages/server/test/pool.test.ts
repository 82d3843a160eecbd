import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { HawserError } from '@hawser/core';
import { createPool, type Pool } from '@hawser/core/pool';
import { createServer } from '@hawser/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fleet, idleHandlers, type Fleet } from './stage/fleet.ts';
import { watchResources, type ResourceWatch } from './support/resources.ts';
import { until } from './support/until.ts';

let resources: ResourceWatch;
let ends: (() => Promise<unknown>)[];
beforeEach(() => {
  resources = watchResources();
  ends = [];
});
afterEach(async () => {
  for (const end of [...ends].reverse()) await end();
  await resources.done();
});

/** Authentications that run now, and the most that ever did; each takes a moment, so that they meet. */
const busy = { now: 0, most: 0 };

/** A server that dies like a killed process: no close frame, no session survives. */
async function serve(heard: string[], port = 0): Promise<{ port: number; die(): Promise<void> }> {
  const server = createServer({
    contract: fleet,
    authenticate: async ({ auth }) => {
      busy.now += 1;
      busy.most = Math.max(busy.most, busy.now);
      await setTimeout(5);
      busy.now -= 1;
      return String(auth);
    },
  }).implement(idleHandlers);
  server.on('heartbeat', ({ battery }, { peer }) => heard.push(`${String(peer.auth)} ${battery}`));
  const http = createHttp();
  const sockets = new Set<Socket>();
  http.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  http.listen(port, '127.0.0.1');
  await once(http, 'listening');
  server.attach(http, { path: '/ws' });
  let dead: Promise<void> | undefined;
  const die = async (): Promise<void> => {
    const closed = once(http, 'close');
    http.close();
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
    await server.close();
  };
  const end = (): Promise<void> => (dead ??= die());
  ends.push(end);
  return { port: (http.address() as AddressInfo).port, die: end };
}

function poolOf(port: number, options: Partial<Parameters<typeof createPool<Fleet>>[0]> = {}): Pool<Fleet> {
  const pool = createPool({
    contract: fleet,
    client: (key) => ({
      url: `ws://127.0.0.1:${port}/ws`,
      auth: key,
      reconnect: { minDelay: 0, maxDelay: 100 },
    }),
    ...options,
  });
  ends.push(() => pool.close());
  return pool;
}

describe('200 clients of one pool', () => {
  it('dial 8 at once and no more, also when the server is killed and comes back; nothing that was taken is lost', async () => {
    busy.most = 0;
    const heard: string[] = [];
    const first = await serve(heard);
    const pool = poolOf(first.port, { dials: { atOnce: 8, perSecond: 5_000 }, memory: 20_000 });
    const lost = new Set<string>();
    pool.onSessionLost(({ requeued, outbound }, key) => {
      if (outbound.unknown.length === 0 && (requeued || outbound.unsent.length === 0)) lost.add(key);
    });
    const keys = Array.from({ length: 200 }, (_, n) => `bot${n}`);
    const clients = keys.map((key) => pool.client(key).client);
    await Promise.all(clients.map((client) => client.connect()));
    expect(pool.state.connected).toBe(200);
    expect(busy.most).toBeGreaterThan(2);
    expect(busy.most).toBeLessThanOrEqual(8);

    busy.most = 0;
    await first.die();
    await until('all have noticed', () => pool.state.connected === 0);
    const sent: string[] = [];
    const refused = new Set<string>();
    for (let n = 0; n < 10; n += 1) {
      for (const [i, client] of clients.entries()) {
        try {
          client.send('heartbeat', { battery: n });
          sent.push(`${keys[i]} ${n}`);
        } catch (error) {
          if (!(error instanceof HawserError)) throw error;
          refused.add(`${error.code} ${Object.keys(error.data as object).join()}`);
        }
      }
    }
    expect([...refused]).toEqual(['QUEUE_FULL pool']);
    expect(pool.keptBytes).toBeLessThanOrEqual(20_000);

    await serve(heard, first.port);
    await until('all are back', () => pool.state.connected === 200);
    await until('all arrived', () => heard.length >= sent.length);
    expect([...heard].sort()).toEqual([...sent].sort());
    expect(lost.size).toBe(200);
    expect(busy.most).toBeGreaterThan(2);
    expect(busy.most).toBeLessThanOrEqual(8);
    await until('all is acknowledged', () => pool.keptBytes === 0);
  }, 20_000);

  it('need one native timer, server included', async () => {
    const { port } = await serve([]);
    const pool = poolOf(port, { dials: { atOnce: 50, perSecond: 5_000 } });
    await Promise.all(Array.from({ length: 200 }, (_, n) => pool.client(`bot${n}`).client.connect()));
    await until(
      'what the handshakes set is gone',
      () => resources.timers().filter((line) => !/_http_server/.test(line)).length === 1,
      4_000,
      () => resources.timers(),
    );
    expect(resources.timers().every((line) => /wheel-clock/.test(line))).toBe(true);
  }, 20_000);
});

/** Runs a script of this folder in a process of its own, from sources. */
function run(script: string, ...args: string[]): { status: number | null; out: string; err: string } {
  const path = (name: string): string => fileURLToPath(new URL(`support/${name}`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', path('sources.ts'), path(`pool/${script}`), ...args],
    { encoding: 'utf8', timeout: 40_000, env: { ...process.env, NODE_OPTIONS: '' } },
  );
  return { status, out: stdout, err: stderr };
}

describe('a process', () => {
  it('with 10,000 idle connections, both ends of each, keeps one native timer', () => {
    expect(run('idle.ts', '10000')).toEqual({
      status: 0,
      out: '10000 connected, 10000 peers, 1 timers\n0 timers\n',
      err: '',
    });
  }, 45_000);

  it('leaves by itself once pool and server are closed', () => {
    const began = performance.now();
    expect(run('leaves.ts')).toEqual({ status: 0, out: 'closed 20\n', err: '' });
    expect(performance.now() - began).toBeLessThan(20_000);
  }, 45_000);
});
