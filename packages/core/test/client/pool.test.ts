import { createPool } from '@hawser/core/pool';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bedOf, desk } from './bed.ts';
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

/** What a function throws. */
function thrown(fn: () => unknown): { code?: string; data?: unknown; message: string; retryable?: boolean } {
  try {
    fn();
  } catch (error) {
    return error as { code?: string; message: string };
  }
  throw new Error('it was expected to throw');
}

describe('a lease', () => {
  it('gives the same client for the same key, with the options of that key', async () => {
    const { pool, bed, heard } = use();
    const ada = pool.client('ada');
    expect(pool.client('ada').client).toBe(ada.client);
    expect(pool.client('eve').client).not.toBe(ada.client);
    ada.client.send('note', { n: 1 });
    await bed.clock.advance(100);
    expect(heard).toMatchObject([{ by: 'ada', n: 1 }]);
    expect([pool.size, pool.state.connected, pool.state.idle]).toEqual([2, 1, 1]);
  });

  it('is over when the last one is released: the client closes after idleTimeout, and not before', async () => {
    const { pool, bed } = use({ idleTimeout: 1_000 });
    const first = pool.client('ada');
    const { client } = first;
    {
      using second = pool.client('ada');
      await second.client.connect();
    }
    await bed.clock.advance(5_000);
    first.release();
    first.release();
    await bed.clock.advance(900);
    const again = pool.client('ada');
    expect(again.client).toBe(client);
    await bed.clock.advance(5_000);
    expect(client.state.status).toBe('connected');
    again.release();
    await bed.clock.advance(999);
    expect(client.state.status).toBe('connected');
    await bed.clock.advance(2);
    expect([client.state.status, pool.size]).toEqual(['closed', 0]);
    expect(pool.client('ada').client).not.toBe(client);
  });

  it('makes room by those released longest ago, and is refused when all are leased', async () => {
    const { pool, bed } = use({ maxClients: 3 });
    const [a, b] = ['a', 'b', 'c'].map((key) => pool.client(key));
    const error = thrown(() => pool.client('d'));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true, data: { maxClients: 3 } });
    expect(error.message).toContain('Release one');
    b?.release();
    a?.release();
    pool.client('d');
    await bed.clock.advance(10);
    expect([b?.client.state.status, a?.client.state.status, pool.size]).toEqual(['closed', 'idle', 3]);
  });

  it('of a key whose client was closed is of a new one', async () => {
    const { pool, bed } = use();
    const ada = pool.client('ada');
    await ada.client.connect();
    await ada.client.close();
    expect(pool.size).toBe(0);
    expect(await pool.client('ada').client.connect()).toBeUndefined();
    // The old lease has nothing to do with it any more.
    ada.release();
    await bed.clock.advance(60_000);
    expect(pool.state.connected).toBe(1);
  });

  it('of a key whose client is about to close is of a new one, and the pool waits for both', async () => {
    const { pool, bed, heard } = use();
    bed.link.refuse(3);
    const ada = pool.client('ada');
    ada.client.send('note', { n: 1 });
    const closing = ada.client.close({ drain: 20_000 });
    const next = pool.client('ada');
    expect(next.client).not.toBe(ada.client);
    next.client.send('note', { n: 2 });
    const all = pool.close({ drain: 20_000 });
    await bed.clock.advance(20_000);
    expect([await closing, await all]).toEqual([
      { unacknowledged: 0, unsent: 0 },
      { unacknowledged: 0, unsent: 0 },
    ]);
    expect(heard.map(({ n }) => n).sort((a, b) => a - b)).toEqual([1, 2]);
  });
});

it('a listener that leases again when its client is closed gets a new one', async () => {
  const { pool, bed } = use();
  const { client } = pool.client('ada');
  await client.connect();
  const seen: unknown[] = [];
  client.onState(({ status }) => {
    if (status === 'closed') seen.push(pool.client('ada').client);
  });
  for (const peer of bed.server.peers.values()) peer.close();
  await bed.clock.advance(100);
  expect(seen).toHaveLength(1);
  expect(seen[0]).not.toBe(client);
  expect(pool.client('ada').client).toBe(seen[0]);
});

describe('events', () => {
  it('carry the key, and go to the client as well', async () => {
    const { pool, bed } = use();
    const told: string[] = [];
    pool.onSessionLost(({ why }, key) => told.push(`lost ${why} ${key}`));
    const { client } = pool.client('ada');
    await client.connect();
    const stop = pool.onProblem(({ kind }, key) => told.push(`${kind} ${key}`));
    client.onProblem(({ kind }) => told.push(`${kind} of mine`));
    client.on('news', () => {
      throw new Error('mine');
    });
    bed.server.broadcast('news', { at: new Date(0), text: 'x' });
    await bed.clock.advance(100);
    stop();
    bed.server.broadcast('news', { at: new Date(0), text: 'x' });
    bed.server.restart();
    await bed.clock.advance(5_000);
    expect([...told].sort()).toEqual(['handler-error ada', 'handler-error of mine', 'lost unknown ada']);
  });

  it('nobody listens to are on the console', async () => {
    const lines: string[] = [];
    const error = vi.spyOn(console, 'error').mockImplementation((text) => void lines.push(String(text)));
    const { pool, bed } = use();
    pool.onProblem(() => undefined)();
    pool.onProblem(() => {
      throw new Error('mine');
    });
    const { client } = pool.client('ada');
    client.on('news', () => {
      throw new Error('yours');
    });
    await client.connect();
    bed.server.broadcast('news', { at: new Date(0), text: 'x' });
    await bed.clock.advance(100);
    expect(lines).toEqual([expect.stringContaining('A listener of the pool threw')]);
    error.mockRestore();
  });
});

describe('close', () => {
  it('drains all of them, and makes no more', async () => {
    const { pool, bed, heard } = use({ sends: { perSecond: 10, burst: 1 } });
    for (const key of ['a', 'b', 'c']) for (let n = 0; n < 5; n += 1) pool.client(key).client.send('note', { n });
    const closing = pool.close({ drain: 5_000 });
    expect(pool.close()).toBe(closing);
    expect(thrown(() => pool.client('d'))).toMatchObject({ code: 'UNAVAILABLE', retryable: false });
    await bed.clock.advance(5_000);
    expect(await closing).toEqual({ unacknowledged: 0, unsent: 0 });
    expect([heard.length, pool.size, pool.keptBytes]).toEqual([15, 0, 0]);
  });

  it('says how much was left', async () => {
    const { pool, bed } = use();
    bed.link.refuse(100);
    pool.client('a').client.send('note', { n: 1 });
    pool.client('b').client.send('note', { n: 2 });
    const closing = pool.close({ drain: 100 });
    await bed.clock.advance(200);
    expect(await closing).toEqual({ unacknowledged: 0, unsent: 2 });
  });

  it('makes no more from its first moment, also for who leases again when a client is closed', async () => {
    const { pool, bed } = use();
    const refused: unknown[] = [];
    let leased = 0;
    const lease = (): void => {
      // So often only, or a pool that gives in would be asked for ever.
      if ((leased += 1) > 5) return;
      const { client } = pool.client('ada');
      client.onState(({ status }) => {
        if (status === 'closed') refused.push(thrown(lease).code);
      });
    };
    lease();
    const closing = pool.close();
    await bed.clock.advance(100);
    await closing;
    expect([refused, leased, pool.size]).toEqual([['UNAVAILABLE'], 2, 0]);
  });

  it('of a client nobody leased says what it lost', async () => {
    const { pool, bed } = use({ idleTimeout: 0 });
    const told: unknown[] = [];
    pool.onProblem(({ kind, error }, key) => told.push([kind, key, error.code, error.data]));
    bed.link.refuse(100);
    using lease = pool.client('ada');
    lease.client.send('note', { n: 1 });
    lease.release();
    await bed.clock.advance(6_000);
    expect(told).toEqual([['dropped', 'ada', 'SESSION_LOST', { unacknowledged: 0, unsent: 1 }]]);
  });
});

it.each([
  [{ maxClients: 0 }, '`maxClients` is 0'],
  [{ memory: -1 }, '`memory` is -1'],
  [{ idleTimeout: NaN }, '`idleTimeout` is NaN'],
  [{ dials: { atOnce: 0 } }, '`dials.atOnce` is 0'],
  [{ dials: { perSecond: 0 } }, '`dials.perSecond` is 0; it takes a number above 0'],
  [{ sends: { perSecond: 0 } }, '`sends.perSecond` is 0'],
  [{ sends: { perSecond: 5, burst: 0.5 } }, '`sends.burst` is 0.5'],
  [{ contract: undefined as never }, '`contract` is missing'],
  [{ client: undefined as never }, '`client` is missing'],
])('options that cannot work are refused: %o', (options, text) => {
  const bed = bedOf();
  const make = () => createPool({ contract: desk, clock: bed.clock, client: () => ({ url: 'ws://x' }), ...options });
  expect(make).toThrow(text);
});
