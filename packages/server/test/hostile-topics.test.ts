// Topic frames of somebody who is out to hurt, over real sockets and in both codecs, at both ends: H20, H21 and section 11.
import { createClient, type Client } from '@hawser/core';
import { createServer, type Server, type ServerOptions } from '@hawser/server';
import { msgpackCodec } from '@hawser/core/msgpack';
import { jsonCodec } from '@hawser/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Stage } from './stage/stage.ts';
import { type Dialect, dialects } from './support/dialect.ts';
import { RawServer } from './support/raw-server.ts';
import { politeWelcome, RawSession } from './support/raw-session.ts';
import { boardContract, type BoardContract } from './support/topic-contract.ts';
import { until } from './support/until.ts';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.strike());

type Frame = readonly unknown[];

describe.each(dialects)('a server, $name', (dialect) => {
  let server: Server<BoardContract, undefined>;
  let session: RawSession;

  async function join(options: Partial<ServerOptions<BoardContract, never>> = {}): Promise<void> {
    server = createServer({
      contract: boardContract,
      authenticate: 'none',
      codecs: [jsonCodec, msgpackCodec],
      ...options,
    }).implement({});
    const port = await stage.serve(server);
    ({ session } = await RawSession.greet(port, dialect, { contract: boardContract.id }));
  }

  const ends = (): Frame[] => session.frames.filter(([kind]) => kind === 46);
  const states = (): Frame[] => session.frames.filter(([kind]) => kind === 45);

  test.each<[string, ...Frame[]]>([
    ['a number used twice', [42, 1, 'quotes'], [42, 1, 'ticks']],
    ['a number below the last', [42, 5, 'quotes'], [42, 4, 'ticks']],
    ['an unsubscribe for what was never subscribed', [43, 1]],
    ['a publish', [44, 1, 1, {}]],
    ['a topicState', [45, 1, 1, 'e', 0, true]],
    ['a topicEnd', [46, 1]],
    ['number 0', [42, 0, 'quotes']],
    ['a topic without a name', [42, 1, '']],
    ['a position that is none', [42, 1, 'quotes', null, { from: ['e'] }]],
    ['a position below zero', [42, 1, 'quotes', null, { from: ['e', -1] }]],
    ['a position without an epoch', [42, 1, 'quotes', null, { from: [null, 1] }]],
  ])('closes with 4400 at %s', async (_, ...frames) => {
    await join();
    session.send([0, 0, ...frames]);
    expect(await session.peer.ended()).toBe(4400);
    expect(server.subscribers('quotes')).toBe(0);
  });

  test.each<[string, Frame, string]>([
    ['unknown', [42, 1, 'nope'], 'UNIMPLEMENTED'],
    ['named like something of every object', [42, 1, 'constructor'], 'UNIMPLEMENTED'],
    ['with a wildcard', [42, 1, '*'], 'UNIMPLEMENTED'],
    ['without its parameters', [42, 1, 'numbers'], 'INVALID_INPUT'],
    ['with parameters of another shape', [42, 1, 'numbers', { n: 'x' }], 'INVALID_INPUT'],
    ['with very long parameters', [42, 1, 'numbers', { n: 1, more: 'x'.repeat(10_000) }], 'INVALID_INPUT'],
  ])('refuses a topic %s, and goes on', async (_, frame, code) => {
    await join();
    session.send([0, 0, frame]);
    expect((await session.frame(46)).slice(0, 3)).toEqual([46, 1, code]);
    session.send([0, 0, [42, 2, 'quotes'], [43, 1]]);
    await session.frame(45);
    expect(await session.alive()).toBe(true);
    session.peer.socket.destroy();
  });

  test.each<[string, unknown]>([
    ['of another server', ['other', 3]],
    ['of the future', [undefined, 1_000]],
    ['of the largest number', [undefined, Number.MAX_SAFE_INTEGER]],
  ])('does not believe a position %s', async (_, position) => {
    await join();
    for (const value of [1, 2, 3, 4]) server.publish('numbers', { n: 1 }, value);
    session.send([0, 0, [42, 1, 'numbers', { n: 1 }]]);
    const [, , , epoch] = await session.frame(45);
    const [told, offset] = position as [string | undefined, number];
    session.send([0, 0, [43, 1], [42, 2, 'numbers', { n: 1 }, { from: [told ?? epoch, offset] }]]);
    await until('it answers', () => states().length === 2);
    expect(states()[1]).toEqual([45, 2, expect.any(Number), epoch, 1, false]);
    session.peer.socket.destroy();
  });

  test('remembers 256 topics of one client, however many it asks for', async () => {
    await join();
    const many = Array.from({ length: 400 }, (_, n) => [42, n + 1, 'numbers', { n }]);
    session.send([0, 0, ...many.slice(0, 200)], [0, 0, ...many.slice(200)]);
    await until('all are answered', () => states().length + ends().length === 400);
    expect(server.subscribers('numbers')).toBe(256);
    expect(ends().every(([, , code]) => code === 'RATE_LIMITED')).toBe(true);
    session.peer.close(1000);
    await session.peer.ended();
    await until('they are forgotten', () => server.subscribers('numbers') === 0);
  });

  test('closes with 4529 at 100,000 subscribes, and forgets them all', async () => {
    await join();
    session.peer.socket.on('error', () => undefined);
    const before = process.memoryUsage().heapUsed;
    for (let n = 1; n <= 100_000; n += 100) {
      session.send([0, 0, ...Array.from({ length: 100 }, (_, i) => [42, n + i, 'numbers', { n: n + i }])]);
    }
    expect(await session.peer.ended()).toSatisfy((code) => code === 4529 || code === 'cut');
    expect(server.subscribers('numbers')).toBe(0);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64_000_000);
  });

  test('closes with 4529 at a storm of subscribes and unsubscribes, and runs no more decisions than allowed', async () => {
    let asked = 0;
    await join({
      authorizeTopic: () => {
        asked += 1;
        return new Promise(() => undefined);
      },
    });
    session.peer.socket.on('error', () => undefined);
    for (let n = 1; n <= 10_000; n += 50) {
      const frames = Array.from({ length: 50 }, (_, i) => [
        [42, n + i, 'quotes'],
        [43, n + i],
      ]);
      session.send([0, 0, ...frames.flat()]);
    }
    expect(await session.peer.ended()).toSatisfy((code) => code === 4529 || code === 'cut');
    expect(asked).toBeLessThanOrEqual(256);
    expect(server.subscribers('quotes')).toBe(0);
  });

  test('bears unsubscribes for what is over', async () => {
    await join();
    session.send([0, 0, [42, 1, 'quotes'], [43, 1], ...Array.from({ length: 500 }, () => [43, 1])]);
    expect(await session.alive()).toBe(true);
    expect(server.subscribers('quotes')).toBe(0);
    session.peer.socket.destroy();
  });
});

describe.each(dialects)('a client, $name', (dialect) => {
  let raw: RawServer;
  let client: Client<BoardContract>;
  let session: RawSession;
  let told: string[];

  /** A client that was welcomed and has asked for two topics, numbers 1 and 2. */
  async function welcomed(dial: Dialect): Promise<void> {
    raw = await RawServer.start();
    stage.use({ [Symbol.asyncDispose]: () => raw.stop() });
    client = createClient({ contract: boardContract, url: raw.url, codec: dial.codec, reconnect: { minDelay: 0 } });
    stage.use(client);
    told = [];
    for (const name of ['quotes', 'ticks'] as const) {
      client.topic(name).subscribe({
        next: ({ of }, { offset, gap }) => told.push(`${name} ${of} @${offset}${gap ? ' gap' : ''}`),
        error: ({ code }) => told.push(`${name} ${code}`),
        complete: () => told.push(`${name} complete`),
      });
    }
    session = new RawSession(await raw.accept(), dial);
    await session.frame(32);
    session.send([0, 0, [33, politeWelcome]]);
    await session.frame(42);
  }

  test.each<[string, ...Frame[]]>([
    ['a subscribe', [42, 1, 'quotes']],
    ['an unsubscribe', [43, 1]],
    ['a state for what was never asked', [45, 3, 1, 'e', 0, true]],
    ['an end for what was never asked', [46, 3]],
    ['an end with a broken code', [46, 1, '']],
    ['a state without an epoch', [45, 1, 1, null, 0, true]],
    ['a publish with a broken offset', [44, 1, -1, {}]],
  ])('stops with 4400 at %s', async (_, ...frames) => {
    await welcomed(dialect);
    session.send([0, 0, ...frames]);
    expect(await session.peer.ended()).toBe(4400);
    await until('it is closed', () => client.state.status === 'closed');
    expect(told).toEqual(['quotes complete', 'ticks complete']);
  });

  test('delivers nothing before a state, nothing of unknown topics, and nothing twice', async () => {
    await welcomed(dialect);
    session.send([0, 0, [44, 1, 1, { of: 'early' }], [44, 9, 1, { of: 'strange' }]]);
    session.send([0, 0, [45, 1, 1, 'e', 4, true], [44, 1, 4, { of: 'old' }], [44, 1, 5, { of: 'a' }]]);
    session.send([0, 0, [44, 1, 5, { of: 'a' }], [44, 1, 3, { of: 'older' }], [44, 1, 6, { of: 'b' }]]);
    session.send([0, 0, [45, 2, 2, 'e', 0, true], [44, 2, 3, { of: 'c' }]]);
    expect(await session.alive()).toBe(true);
    expect(told).toEqual(['quotes a @5', 'quotes b @6', 'ticks c @3 gap']);
    session.peer.socket.destroy();
  });

  test('bears a flood of publishes for nobody, and states and ends for what is over', async () => {
    await welcomed(dialect);
    session.send([0, 0, [46, 1, 'ODD_CODE', 'x'.repeat(5_000)], [46, 1], [45, 1, 1, 'e', 0, true], [44, 1, 1, {}]]);
    for (let n = 0; n < 100; n += 1)
      session.send([0, 0, ...Array.from({ length: 1_000 }, (_, i) => [44, 1_000 * n + i + 10, 1, {}])]);
    expect(await session.alive()).toBe(true);
    expect(told).toEqual(['quotes CONTRACT_MISMATCH']);
    const snapshot = client.topic('ticks').getSnapshot();
    expect(snapshot.status).toBe('pending');
    session.peer.socket.destroy();
  });

  test('asks for no more than 256 topics, however many its application wants', async () => {
    await welcomed(dialect);
    let refused = 0;
    for (let n = 0; n < 100_000; n += 1) {
      client.topic('numbers', { n }).subscribe({ error: ({ code }) => (refused += Number(code === 'RATE_LIMITED')) });
      if (n % 1_000 === 0) await new Promise(setImmediate);
    }
    await until('the others are refused', () => refused === 100_000 - 254, 15_000);
    expect(await session.alive()).toBe(true);
    expect(session.frames.filter(([kind]) => kind === 42)).toHaveLength(256);
    session.peer.socket.destroy();
  }, 40_000);
});
