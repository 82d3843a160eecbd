import { createClient, type Client, type ClientOptions } from '@hawser/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage } from '../test/stage/stage.ts';
import { Sources, streamContract, type StreamContract } from '../test/support/stream-contract.ts';
import { until } from '../test/support/until.ts';
import { createServer } from './create-server.ts';
import type { Server } from './server-surface.ts';

let stage: Stage;
let sources: Sources;
beforeEach(() => {
  stage = new Stage();
  sources = new Sources();
});
afterEach(() => stage.strike());

const draft = createServer({ contract: streamContract, authenticate: 'none' });

/** A server whose sources are watched, and its port. */
async function open(): Promise<{ server: Server<StreamContract, undefined>; port: number }> {
  const server = draft.implement({
    async *count(upTo, { fail }) {
      yield* sources.count(upTo);
      if (upTo === 13) fail('STUCK', 13);
    },
    pages: (upTo) => sources.pages(upTo),
    echo: (n) => n,
  });
  return { server, port: await stage.serve(server) };
}

function clientOf(port: number, options: Partial<ClientOptions<StreamContract>> = {}): Client<StreamContract> {
  const url = `ws://127.0.0.1:${port}/ws`;
  return stage.use(
    createClient({ contract: streamContract, url, reconnect: { minDelay: 0, maxDelay: 20 }, ...options }),
  );
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

describe('implement', () => {
  it('demands a handler for every stream, and refuses one for a stream of the server', () => {
    const handlers = { count: () => [1], pages: () => ['1'], echo: (n: number) => n };
    expect(() => draft.implement({ ...handlers, pages: undefined as never })).toThrow(/The stream "pages"/);
    expect(() => draft.implement({ ...handlers, measure: () => [1] } as never)).toThrow(/"measure"/);
  });
});

describe('streams over real sockets', () => {
  it('survive cut links without loss or repetition, both ways at once', async () => {
    const { server, port } = await open();
    const cable = await stage.cable(port);
    const client = clientOf(cable.port);
    client.handle('measure', (n) => sources.count(n));
    await client.connect();
    const [peer] = server.peers.values();
    const down: number[] = [];
    const up: number[] = [];
    let cuts = 0;
    const ups = (async () => {
      for await (const n of peer?.stream('measure', 1_000) ?? []) up.push(n);
    })();
    for await (const n of client.stream('count', 1_000)) {
      down.push(n);
      if (n % 150 !== 75) continue;
      cuts += 1;
      cable.rst();
    }
    await ups;
    expect(down).toEqual(upTo(1_000));
    expect(up).toEqual(upTo(1_000));
    expect(cuts).toBe(7);
    await until('the sources have ended', () => sources.running === 0);
    expect([...server.peers.values()]).toEqual([peer]);
  });

  it('end at the server when the reader leaves, is closed, or its signal fires', async () => {
    const { port } = await open();
    const client = clientOf(port);
    for await (const n of client.stream('count', 1e9)) if (n === 100) break;
    const controller = new AbortController();
    const errors: unknown[] = [];
    client.stream('count', 1e9, { signal: controller.signal }).subscribe({ error: (error) => errors.push(error) });
    const other = clientOf(port);
    other.stream('count', 1e9, { window: 3 }).subscribe({ error: (error) => errors.push((error as Error).name) });
    await until('all three began', () => sources.begun === 3);
    controller.abort('enough');
    await other.close();
    await until('no source is left', () => sources.running === 0);
    expect(errors).toEqual(['enough', 'HawserError']);
  });

  it('fail as the contract says', async () => {
    const { port } = await open();
    const got: number[] = [];
    const reading = (async () => {
      for await (const n of clientOf(port).stream('count', 13)) got.push(n);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'STUCK', origin: 'domain', data: 13 });
    expect(got).toEqual(upTo(13));
  });

  it('do not run ahead of a slow reader: neither the source nor what the server keeps', async () => {
    const { server, port } = await open();
    const client = clientOf(port);
    const items = client.stream('pages', 1_000_000)[Symbol.asyncIterator]();
    await items.next();
    const [peer] = server.peers.values();
    const kept = (): number => (peer as unknown as { keptBytes: number }).keptBytes;
    let most = 0;
    for (let n = 2; n <= 200; n += 1) {
      expect((await items.next()).value?.startsWith(`${n} `)).toBe(true);
      // Two round trips: whatever the server would do by now it has done.
      await client.call('echo', n);
      await client.call('echo', n);
      expect(sources.asked).toBeLessThanOrEqual(n + 32);
      most = Math.max(most, kept());
    }
    expect(most).toBeLessThan(262_144);
    await items.return?.();
  });

  it('give way to each other and to calls when one reader takes nothing', async () => {
    const { port } = await open();
    const client = clientOf(port);
    const stuck = client.stream('pages', 1_000_000)[Symbol.asyncIterator]();
    await stuck.next();
    const got: number[] = [];
    for await (const n of client.stream('count', 500)) got.push(n);
    expect(got).toEqual(upTo(500));
    expect(await client.call('echo', 7)).toBe(7);
    expect(sources.asked).toBe(500 + 32);
    await stuck.return?.();
  });
});
