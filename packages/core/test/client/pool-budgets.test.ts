import { HawserError, defineContract, largeMessages, message } from '@hawser/core';
import { createPool } from '@hawser/core/pool';
import { createTestBed } from '@hawser/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { poolBed, type PoolBed } from './pool-bed.ts';

let made: PoolBed[] = [];
const use = (...args: Parameters<typeof poolBed>): PoolBed => {
  const one = poolBed(...args);
  made.push(one);
  return one;
};
afterEach(async () => {
  for (const one of made) expect(await one.end(), 'timers left').toBe(0);
  made = [];
});

/** Sends until the pool refuses; returns how many went, and the error. */
function fill(send: (n: number) => void): { taken: number; error: HawserError } {
  for (let n = 0; n < 100_000; n += 1) {
    try {
      send(n);
    } catch (error) {
      if (!(error instanceof HawserError)) throw error;
      return { taken: n, error };
    }
  }
  throw new Error('it was expected to throw');
}

describe('memory', () => {
  it('is one bound for all: the one that asks for more is refused, nothing that was taken is lost', async () => {
    const { pool, bed, heard } = use({ memory: 4_000 });
    bed.link.refuse(5);
    const keys = ['a', 'b', 'c'];
    const clients = keys.map((key) => pool.client(key).client);
    const [a, b] = clients;
    for (let n = 0; n < 10; n += 1) b?.send('note', { n });
    const kept = pool.keptBytes;
    const { taken, error } = fill((n) => a?.send('note', { n }));
    expect(taken).toBeGreaterThan(50);
    expect(error).toMatchObject({ code: 'QUEUE_FULL', origin: 'system', retryable: true });
    expect(error.data).toEqual({ pool: { keptBytes: pool.keptBytes, memory: 4_000 } });
    expect(error.message).toContain('all clients of the pool together keep');
    expect(pool.keptBytes).toBeLessThanOrEqual(4_000);
    expect(pool.keptBytes).toBeGreaterThan(kept);
    await expect(clients[2]?.call('double', 2)).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    await bed.clock.advance(120_000);
    expect(heard.filter(({ by }) => by === 'a').map(({ n }) => n)).toEqual(Array.from({ length: taken }, (_, n) => n));
    expect(heard.filter(({ by }) => by === 'b')).toHaveLength(10);
    // Everything is acknowledged, so there is room again, for all.
    expect(pool.keptBytes).toBe(0);
    const asked = clients[2]?.call('double', 2);
    await bed.clock.advance(100);
    expect(await asked).toBe(4);
  });

  it('counts what is written and not acknowledged', async () => {
    const { pool, bed } = use({ memory: 2_000 });
    const { client } = pool.client('a');
    await client.connect();
    bed.link.conditions({ latency: 1_000 });
    const { taken } = fill((n) => client.send('note', { n }));
    await bed.clock.advance(10);
    expect(pool.keptBytes).toBeGreaterThan(1_900);
    expect(fill((n) => client.send('note', { n })).taken).toBe(0);
    await bed.clock.advance(10_000);
    expect(fill((n) => client.send('note', { n })).taken).toBe(taken);
  });

  it('leaves the bounds of each client as they are, and says which one it was', () => {
    const { pool, bed } = use({ memory: 1_000_000 }, () => ({ buffer: { queueBytes: 500 } }));
    bed.link.refuse(100);
    const { client } = pool.client('a');
    const { error } = fill((n) => client.send('note', { n }));
    expect(error.data).toMatchObject({ queueBytes: expect.any(Number), limits: { queueBytes: 500 } });
    expect(error.message).toContain('the bound is 10000 items or 500 bytes');
  });

  it('follows the policy of the client that is over it', async () => {
    const { pool, bed, heard } = use({ memory: 1_000 }, (key) => ({
      overflow: key === 'old' ? 'drop-oldest' : 'drop-newest',
    }));
    const dropped: string[] = [];
    pool.onProblem(({ kind, error }, key) =>
      dropped.push(`${kind} ${key} ${error.code} ${'pool' in Object(error.data)}`),
    );
    bed.link.refuse(4);
    const [older, newer] = ['old', 'new'].map((key) => pool.client(key).client);
    for (let n = 0; n < 100; n += 1) older?.send('note', { n });
    for (let n = 0; n < 100; n += 1) newer?.send('note', { n });
    expect(pool.keptBytes).toBeLessThanOrEqual(1_000);
    await bed.clock.advance(60_000);
    const of = (key: string): number[] => heard.filter(({ by }) => by === key).map(({ n }) => n);
    expect(of('old').at(-1)).toBe(99);
    expect([...of('old'), ...of('new')]).toHaveLength(200 - dropped.length);
    expect(new Set(dropped)).toEqual(new Set(['dropped old QUEUE_FULL true', 'dropped new QUEUE_FULL true']));
    expect(of('new')).toEqual(of('new').map((_, n) => n));
  });

  it('does not count a client that is gone', async () => {
    const { pool, bed } = use({ memory: 1_000 });
    bed.link.refuse(100);
    const { client } = pool.client('a');
    fill((n) => client.send('note', { n }));
    await client.close();
    expect(pool.keptBytes).toBe(0);
    await bed.clock.advance(1);
    expect(fill((n) => pool.client('b').client.send('note', { n })).taken).toBeGreaterThan(10);
  });

  it('does not end a session whose messages are larger than its replay bound', async () => {
    const { pool, bed, heard } = use({ memory: 3_000 }, () => ({ buffer: { replayBytes: 20, queueBytes: 2_000 } }));
    const { client } = pool.client('a');
    await client.connect();
    const lost: string[] = [];
    pool.onSessionLost(({ why }) => lost.push(why));
    bed.link.refuse(100);
    bed.link.drop();
    const { client: other } = pool.client('b');
    fill((n) => other.send('note', { n }));
    bed.link.refuse(0);
    await bed.clock.advance(120_000);
    client.send('note', { n: 1 });
    fill((n) => client.send('note', { n }));
    await bed.clock.advance(120_000);
    expect(lost).toEqual([]);
    expect(heard.length).toBeGreaterThan(50);
  });
});

it.each([
  ['messages alone', defineContract({ id: 'm/1', clientToServer: { text: message(z.string()) } }), 10_000],
  [
    'messages in chunks',
    defineContract({ id: 'l/1', clientToServer: { text: message(z.string()) }, largeMessages }),
    300_000,
  ],
])('memory bounds a contract of %s', async (_, contract, size) => {
  const bed = createTestBed(contract);
  const heard: number[] = [];
  bed.server.on('text', (text) => heard.push(text.length));
  const WebSocket = bed.link.socketClass();
  const pool = createPool({
    contract,
    clock: bed.clock,
    memory: 4.5 * size,
    client: () => ({ url: 'ws://test.invalid/', WebSocket, buffer: { queueBytes: 10 * size, replayBytes: 10 * size } }),
  });
  const connected = Promise.all([pool.client('a').client.connect(), pool.client('b').client.connect()]);
  await bed.clock.advance(100);
  await connected;
  for (const key of ['a', 'b']) pool.client(key).client.send('text', 'x'.repeat(size));
  const { taken, error } = fill(() => pool.client('a').client.send('text', 'x'.repeat(size)));
  expect([taken, error.code, Object.keys(error.data as object)]).toEqual([2, 'QUEUE_FULL', ['pool']]);
  expect(pool.keptBytes).toBeGreaterThan(4 * size);
  await bed.clock.advance(60_000);
  expect([heard, pool.keptBytes]).toEqual([[size, size, size, size], 0]);
  const closing = pool.close();
  await bed.clock.advance(5_000);
  await closing;
  await bed[Symbol.asyncDispose]();
});

it('memory is not taken by what clients receive', async () => {
  const contract = defineContract({
    id: 'r/1',
    clientToServer: { text: message(z.string()) },
    serverToClient: { news: message(z.string()) },
    largeMessages,
  });
  const bed = createTestBed(contract);
  const WebSocket = bed.link.socketClass();
  const pool = createPool({
    contract,
    clock: bed.clock,
    memory: 10_000,
    client: () => ({ url: 'ws://test.invalid/', WebSocket }),
  });
  const { client } = pool.client('a');
  let got = 0;
  client.on('news', ({ length }) => (got = length));
  void client.connect();
  await bed.clock.advance(100);
  bed.link.conditions({ latency: 200 });
  bed.server.broadcast('news', 'x'.repeat(500_000));
  let most = 0;
  for (let n = 0; n < 100 && got === 0; n += 1) {
    await bed.clock.advance(50);
    most = Math.max(most, pool.keptBytes);
    client.send('text', 'y');
  }
  expect(got).toBe(500_000);
  expect(most).toBeLessThan(1_000);
  const closing = pool.close();
  await bed.clock.advance(5_000);
  await closing;
  await bed[Symbol.asyncDispose]();
});

describe('sends', () => {
  it('leave at the rate of the pool, in equal parts, and all of them arrive', async () => {
    const { pool, bed, heard } = use({ sends: { perSecond: 100, burst: 5 } });
    const clients = Array.from({ length: 10 }, (_, n) => pool.client(`c${n}`).client);
    const connected = Promise.all(clients.map((client) => client.connect()));
    await bed.clock.advance(1_000);
    await connected;
    const start = bed.clock.now();
    for (const client of clients) for (let n = 0; n < 50; n += 1) client.send('note', { n });
    await bed.clock.advance(2_000);
    for (const [n, { at }] of heard.entries()) expect(n + 1).toBeLessThanOrEqual(5 + (at - start) / 10 + 1);
    expect(heard.length).toBeGreaterThanOrEqual(200);
    const shares = clients.map((_, n) => heard.filter(({ by }) => by === `c${n}`).length);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(5);
    await bed.clock.advance(4_000);
    for (const [n] of clients.entries()) {
      const mine = heard.filter(({ by }) => by === `c${n}`);
      expect(mine.map((one) => one.n)).toEqual(Array.from({ length: 50 }, (_, m) => m));
    }
  });

  it('that wait keep the link alive, and are bounded like all that wait', async () => {
    const { pool, bed, heard } = use({ sends: { perSecond: 0.01, burst: 1 } }, () => ({ buffer: { queueCount: 3 } }));
    const { client } = pool.client('a');
    await client.connect();
    const { taken, error } = fill((n) => {
      client.send('note', { n });
    });
    expect(error.code).toBe('QUEUE_FULL');
    expect(taken).toBe(3);
    const states: string[] = [];
    client.onState(({ status }) => states.push(status));
    await bed.clock.advance(90_000);
    expect(new Set(states)).toEqual(new Set(['connected']));
    expect(heard).toHaveLength(1);
    await bed.clock.advance(200_000);
    expect(heard).toHaveLength(3);
  });

  it('are not kept waiting by clients that stood in line and went away', async () => {
    const { pool, bed, heard } = use({ sends: { perSecond: 1, burst: 1 } });
    const clients = Array.from({ length: 20 }, (_, n) => pool.client(`c${n}`).client);
    const connected = Promise.all(clients.map((client) => client.connect()));
    await bed.clock.advance(1_000);
    await connected;
    for (const client of clients) client.send('note', { n: 1 });
    await bed.clock.advance(10);
    for (const client of clients.slice(0, 19)) void client.disconnect();
    await bed.clock.advance(4_000);
    expect(pool.state.connected).toBe(1);
    expect(heard.map(({ by }) => by)).toContain('c19');
  });

  it('are not counted again when they are replayed', async () => {
    const { pool, bed, heard } = use({ sends: { perSecond: 0.001, burst: 10 } });
    const { client } = pool.client('a');
    await client.connect();
    bed.link.conditions({ latency: 50 });
    for (let n = 0; n < 10; n += 1) client.send('note', { n });
    await bed.clock.advance(1);
    bed.link.drop();
    await bed.clock.advance(5_000);
    expect(heard).toHaveLength(10);
  });

  it('that may be lost are lost rather than late', async () => {
    const { pool, bed, heard } = use({ sends: { perSecond: 1, burst: 3 } });
    const { client } = pool.client('a');
    await client.connect();
    for (let n = 0; n < 10; n += 1) client.send('note', { n }, { whenOffline: 'drop' });
    await bed.clock.advance(60_000);
    expect(heard.map(({ n }) => n)).toEqual([0, 1, 2]);
  });
});

describe('dials', () => {
  it('run so many at once and so many a second, and waiting takes none of their time', async () => {
    const { pool, bed } = use({ dials: { atOnce: 4, perSecond: 5 } });
    bed.link.conditions({ latency: 100 });
    const clients = Array.from({ length: 200 }, (_, n) => pool.client(`c${n}`).client);
    const failed: unknown[] = [];
    for (const client of clients) {
      client.onState((state) => 'error' in state && failed.push(state.error));
      void client.connect();
    }
    const begun: number[] = [];
    for (let second = 0; second < 45; second += 1) {
      begun.push(bed.link.connections);
      expect(bed.link.connections - pool.state.connected).toBeLessThanOrEqual(4);
      await bed.clock.advance(1_000);
    }
    for (const [second, count] of begun.entries()) expect(count).toBeLessThanOrEqual(5 * second + 1);
    expect(failed).toEqual([]);
    expect(pool.state.connected).toBe(200);
  });

  it('that hang are given up after connectTimeout, and let others dial', async () => {
    const never = new Promise<string>(() => undefined);
    const { pool, bed } = use({ dials: { atOnce: 1, perSecond: 1_000 } }, (key) => ({
      reconnect: { connectTimeout: 2_000, minDelay: 60_000 },
      ...(key === 'no-url' ? { url: () => never } : {}),
      ...(key === 'no-auth' ? { auth: () => never } : {}),
      ...(key === 'no-socket' ? { WebSocket: deaf() } : {}),
    }));
    const keys = ['no-url', 'no-auth', 'no-socket', 'good'];
    const errors: string[] = [];
    for (const key of keys) {
      const { client } = pool.client(key);
      client.onState((state) => 'error' in state && errors.push(`${key}: ${state.error?.message}`));
      void client.connect().catch(() => undefined);
    }
    await bed.clock.advance(5_900);
    expect(pool.state.connected).toBe(0);
    await bed.clock.advance(200);
    expect(pool.client('good').client.state.status).toBe('connected');
    expect(errors.map((text) => text.slice(0, text.indexOf(')') + 1))).toEqual([
      'no-url: `url` or `auth` gave no answer within 2000 ms (reconnect.connectTimeout)',
      'no-auth: `url` or `auth` gave no answer within 2000 ms (reconnect.connectTimeout)',
      'no-socket: The socket did not open within 2000 ms (reconnect.connectTimeout)',
    ]);
  });

  it('ask for address and credential only when it is their turn', async () => {
    const asked: string[] = [];
    const { pool, bed } = use({ dials: { atOnce: 1, perSecond: 1 } }, (key) => ({
      url: () => {
        asked.push(`url ${key}`);
        return 'ws://test.invalid/';
      },
      auth: () => {
        asked.push(`auth ${key}`);
        return key;
      },
    }));
    void pool.client('a').client.connect();
    void pool.client('b').client.connect();
    await bed.clock.advance(10);
    expect(asked).toEqual(['url a', 'auth a']);
    await bed.clock.advance(2_000);
    expect(asked).toEqual(['url a', 'auth a', 'url b', 'auth b']);
  });

  it('nobody wants any more leave the line', async () => {
    const { pool, bed } = use({ dials: { atOnce: 1, perSecond: 1 } });
    const [a, b, c] = ['a', 'b', 'c'].map((key) => pool.client(key).client);
    void a?.connect();
    void b?.connect().catch(() => undefined);
    void c?.connect();
    await bed.clock.advance(10);
    await b?.disconnect();
    await bed.clock.advance(1_100);
    expect([a, b, c].map((client) => client?.state.status)).toEqual(['connected', 'idle', 'connected']);
  });
});

/** A socket class whose sockets never open. */
function deaf(): never {
  return class {
    readyState = 0;
    protocol = '';
    bufferedAmount = 0;
    close(): void {
      this.readyState = 3;
    }
    send(): void {}
    terminate(): void {}
  } as never;
}
