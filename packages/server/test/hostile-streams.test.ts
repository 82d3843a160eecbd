// Streams between an end that breaks the rules and one that keeps them, over real sockets and in both codecs: reliability
// catalogue H11 to H14. What can be told from mischief ends the connection with 4400, what may only be late changes nothing,
// and opening and cancelling in a loop leaves neither sources nor memory.
import { createServer as createHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient, type Client } from '@hawser/core';
import { createServer, type Server } from '@hawser/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Dialect, dialects } from './support/dialect.ts';
import { type ProcessFaults, watchProcess } from './support/process-faults.ts';
import { RawServer } from './support/raw-server.ts';
import { politeWelcome, RawSession } from './support/raw-session.ts';
import { type ResourceWatch, watchResources } from './support/resources.ts';
import { Sources, streamContract, type StreamContract } from './support/stream-contract.ts';
import { until } from './support/until.ts';

let resources: ResourceWatch;
let faults: ProcessFaults;
let sources: Sources;
let ends: (() => Promise<unknown>)[];

beforeEach(() => {
  resources = watchResources();
  faults = watchProcess();
  sources = new Sources();
  ends = [];
});

afterEach(async () => {
  for (const end of [...ends].reverse()) await end();
  await resources.done();
  faults.stop();
  expect(faults.found).toEqual([]);
  expect(sources.running).toBe(0);
});

interface Opened {
  readonly server: Server<StreamContract, undefined>;
  readonly session: RawSession;
}

/** A good server, and a client that does as the test says. */
async function join(dialect: Dialect): Promise<Opened> {
  const server = createServer({
    contract: streamContract,
    authenticate: 'none',
    codecs: [dialect.codec],
  }).implement({
    count: (upTo) => sources.count(upTo),
    pages: (upTo) => sources.pages(upTo),
    echo: (n) => n,
  });
  server.onProblem(() => undefined);
  const http = createHttp();
  server.attach(http, { path: '/ws' });
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve);
  });
  ends.push(async () => {
    await server.close({ drain: 0 });
    await new Promise((resolve) => {
      http.close(resolve);
      http.closeAllConnections();
    });
  });
  const { port } = http.address() as AddressInfo;
  const { session } = await RawSession.greet(port, dialect, { contract: streamContract.id });
  ends.push(async () => void session.peer.socket.destroy());
  return { server, session };
}

interface Dialled {
  readonly client: Client<StreamContract>;
  readonly session: RawSession;
}

/** A good client, and a server that does as the test says. */
async function welcomed(dialect: Dialect): Promise<Dialled> {
  const server = await RawServer.start();
  ends.push(() => server.stop());
  const client = createClient({ contract: streamContract, url: server.url, codec: dialect.codec });
  ends.push(() => client.close());
  client.onProblem(() => undefined);
  client.handle('measure', (n) => sources.count(n));
  client.handle('check', (n) => n);
  const session = new RawSession(await server.accept(), dialect);
  await session.frame(32);
  session.send([0, 0, [33, politeWelcome]]);
  await until('it is connected', () => client.state.status === 'connected');
  return { client, session };
}

/** Frames of somebody who reads streams; `open` is his, with id `own`. */
function badReading(own: number, name: string): (readonly [what: string, ...frames: (readonly unknown[])[]])[] {
  const open = (credit: unknown, id = own): readonly unknown[] => [5, id, name, 1e9, credit];
  return [
    ['an open with more credit than can be held', open(2_147_483_648)],
    ['an open with negative credit', open(-1)],
    ['an open with half a credit', open(1.5)],
    ['an open with credit of another type', open('32')],
    ['an open without credit', [5, own, name, 1e9]],
    ['an open without a name', [5, own]],
    ['an id of the other end', open(1, own + 1)],
    ['an id used before', open(1), open(1)],
    ['an id smaller than one used before', open(1, own + 4), open(1, own + 2)],
    ['an id used by a call before', [2, own, name], open(1)],
    ['credit that overflows', open(2_147_483_647), [8, own, 1]],
    ['credit that overflows by itself', open(1), [8, own, 2_147_483_648]],
    ['no credit', open(1), [8, own, 0]],
    ['negative credit', open(1), [8, own, -1]],
    ['half a credit', open(1), [8, own, 0.5]],
    ['credit without a number', open(1), [8, own]],
    ['credit for what was never opened', [8, own, 1]],
    ['a cancel for what was never opened', [9, own]],
    ['an item for his own stream', open(1), [6, own, 1]],
    ['an end of his own stream', open(1), [7, own]],
    ['an item for a stream nobody asked for', [6, own + 1, 1]],
    ['an end of a stream nobody asked for', [7, own + 1]],
  ];
}

describe.each(dialects)('$name, a client against a good server', (dialect) => {
  test.each(badReading(1, 'count'))('%s -> 4400', async (_what, ...frames) => {
    const { server, session } = await join(dialect);
    session.send([1, 0, ...frames]);
    expect(await session.peer.ended()).toBe(4400);
    expect(server.peers.size).toBe(0);
    await until('no source is left', () => sources.running === 0);
  });

  test('what is late changes nothing: credit and cancels for a stream that is over', async () => {
    const { session } = await join(dialect);
    session.send([1, 0, [5, 1, 'count', 2, 5]]);
    expect((await session.frame(7)).slice(0, 2)).toEqual([7, 1]);
    session.send([2, 0, [8, 1, 1], [9, 1], [9, 1, 'twice'], [8, 1, 2_147_483_647]]);
    expect(await session.alive()).toBe(true);
  });

  test('a stream asked for as a call, a call asked for as a stream, and what fits nothing', async () => {
    const { session } = await join(dialect);
    for (const [i, frame] of [
      [2, 1, 'count', 1],
      [5, 3, 'echo', 1, 8],
      [5, 5, 'count', 1, 0],
      [5, 7, 'constructor', 1, 8],
      [5, 9, 'measure', 1, 8],
    ].entries()) {
      session.send([i + 1, 0, frame]);
      expect((await session.frame(4)).slice(0, 3)).toEqual([4, frame[1], 'UNIMPLEMENTED']);
    }
    session.send([6, 0, [5, 11, 'count', 'many', 8]]);
    expect((await session.frame(4)).slice(0, 3)).toEqual([4, 11, 'INVALID_INPUT']);
    expect(sources.begun).toBe(0);
  });

  test('whoever never grants gets what the first credit allows, and costs no more', async () => {
    const { session } = await join(dialect);
    session.send([1, 0, [5, 1, 'count', 1e9, 7], [5, 3, 'count', 1e9, 1]]);
    await until('all may that', () => sources.asked === 8);
    expect(await session.alive()).toBe(true);
    expect(sources.asked).toBe(8);
    session.send([3, 0, [9, 1], [9, 3]]);
    await until('no source is left', () => sources.running === 0);
  });

  test('whoever grants without end and never acknowledges gets 256 KiB', async () => {
    const { server, session } = await join(dialect);
    session.send([1, 0, [5, 1, 'pages', 1e9, 2_147_483_647]]);
    await until('items come', () => sources.asked > 200);
    expect(await session.alive()).toBe(true);
    expect(sources.asked).toBeLessThan(270);
    const [peer] = server.peers.values();
    expect((peer as unknown as { keptBytes: number }).keptBytes).toBeLessThan(270_000);
  });

  test('10,000 streams opened and cancelled at once -> 4529; they leave nothing, and never run more than 64 sources', async () => {
    const { server, session } = await join(dialect);
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < 10_000; n += 50) {
      const frames = Array.from({ length: 50 }, (_, i) => {
        const id = 2 * (n + i) + 1;
        return [
          [5, id, 'count', 1e9, 8],
          [9, id],
        ];
      });
      session.send([2 * n + 1, 0, ...frames.flat()]);
    }
    expect(await session.peer.ended()).toBe(4529);
    expect(sources.most).toBeLessThanOrEqual(64);
    const [peer] = server.peers.values();
    expect((peer as unknown as { keptBytes: number }).keptBytes).toBeLessThan(100_000);
    // The client may come back for what it had not cancelled yet; when its session ends, so does that.
    peer?.close();
    await until('no source is left', () => sources.running === 0);
    expect((peer as unknown as { runningHandlers: number }).runningHandlers).toBe(0);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000);
  });

  test('the 257th stream is refused, the 65th waits for one of the others', async () => {
    const { session } = await join(dialect);
    session.send([1, 0, ...Array.from({ length: 257 }, (_, i) => [5, 2 * i + 1, 'count', 1e9, 1])]);
    expect((await session.frame(4)).slice(0, 3)).toEqual([4, 513, 'RATE_LIMITED']);
    await until('64 run', () => sources.running === 64);
    expect(await session.alive()).toBe(true);
    expect(sources.begun).toBe(64);
    session.send([258, 0, [9, 1]]);
    await until('the next one began', () => sources.begun === 65);
    expect(sources.most).toBe(64);
  });
});

describe.each(dialects)('$name, a server against a good client', (dialect) => {
  test.each(badReading(2, 'measure'))('%s -> 4400', async (_what, ...frames) => {
    const { client, session } = await welcomed(dialect);
    session.send([1, 0, ...frames]);
    expect(await session.peer.ended()).toBe(4400);
    await until('it is closed', () => client.state.status === 'closed');
    await until('no source is left', () => sources.running === 0);
  });

  /** A stream the client reads, with a window of two. */
  async function reading(): Promise<Dialled & { told: unknown[] }> {
    const { client, session } = await welcomed(dialect);
    const told: unknown[] = [];
    client.stream('count', 5, { window: 2 }).subscribe({
      next: (n) => told.push(n),
      error: (error) => told.push((error as { code: string }).code),
      complete: () => told.push('complete'),
    });
    expect((await session.frame(5)).slice(0, 5)).toEqual([5, 1, 'count', 5, 2]);
    return { client, session, told };
  }

  test.each([
    // A window of two is granted anew item by item, but only when the client had time to read.
    ['items beyond the credit', 'UNKNOWN_OUTCOME', [6, 1, 1], [6, 1, 2], [6, 1, 3]],
    ['an item for a call', 'UNKNOWN_OUTCOME', [6, 3, 1]],
    ['a result for a stream', 'UNKNOWN_OUTCOME', [3, 1, 1]],
    ['credit for what the client reads', 'UNKNOWN_OUTCOME', [8, 1, 1]],
    ['an item without an id', 'UNKNOWN_OUTCOME', [6]],
    ['an item for what was never asked', 'UNKNOWN_OUTCOME', [6, 5, 1]],
    ['an end with a bad id', 'UNKNOWN_OUTCOME', [7, '1']],
  ])('%s -> 4400, and the reader learns that it is over', async (_what, code, ...frames) => {
    const { client, session, told } = await reading();
    client.call('echo', 1).catch(() => undefined);
    await session.frame(2);
    session.send([1, 0, ...frames]);
    expect(await session.peer.ended()).toBe(4400);
    await until('the reader was told', () => told.at(-1) === code);
    expect(told.filter((what) => typeof what === 'string')).toEqual([code]);
  });

  test.each([
    ['an end', [7, 1], 'complete'],
    ['an error', [4, 1, 'STUCK', 'no', 3], 'STUCK'],
    ['an error the contract does not know', [4, 1, 'STRANGE', 'no'], 'CONTRACT_MISMATCH'],
    ['an error whose data is not as agreed', [4, 1, 'STUCK', 'no', 'three'], 'INVALID_OUTPUT'],
  ])('after %s nothing more is told, whatever comes', async (_what, end, last) => {
    const { client, session, told } = await reading();
    session.send([1, 0, [6, 1, 7], end, [6, 1, 8], [7, 1], [4, 1, 'STUCK', 'again', 1], end]);
    expect(await session.alive()).toBe(true);
    expect(told).toEqual([7, last]);
    expect(client.state.status).toBe('connected');
  });

  test('an item that is not as agreed ends the stream and is cancelled; what follows is late', async () => {
    const { session, told } = await reading();
    session.send([1, 0, [6, 1, 'seven'], [6, 1, 8]]);
    expect(await session.frame(9)).toEqual([9, 1]);
    session.send([3, 0, [6, 1, 9], [7, 1]]);
    expect(await session.alive()).toBe(true);
    expect(told).toEqual(['INVALID_OUTPUT']);
  });

  test('10,000 streams opened and cancelled at once leave nothing, and never run more than 64 sources', async () => {
    const { session } = await welcomed(dialect);
    for (let n = 0; n < 10_000; n += 50) {
      const frames = Array.from({ length: 50 }, (_, i) => {
        const id = 2 * (n + i) + 2;
        return [
          [5, id, 'measure', 1e9, 8],
          [9, id],
        ];
      });
      session.send([2 * n + 1, 0, ...frames.flat()]);
    }
    expect(await session.alive()).toBe(true);
    await until('no source is left', () => sources.running === 0);
    expect(sources.most).toBeLessThanOrEqual(64);
    session.send([20_001, 0, [5, 20_002, 'measure', 3, 8]]);
    expect((await session.frame(7)).slice(0, 2)).toEqual([7, 20_002]);
  });
});
