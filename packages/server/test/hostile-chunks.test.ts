// Chunks meant to do harm, over real sockets, in both codecs and at both ends: reliability catalogue H14 and H15. Each ends
// with one clear close code or changes nothing, memory grows with what came and not with what was announced, and a
// bystander on the same server notices nothing.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Arena } from './support/arena.ts';
import { ArenaClient } from './support/arena-client.ts';
import { badChunks, badReplies, inOneChunk, rawChunk, say } from './support/bad-chunks.ts';
import { Bystander } from './support/bystander.ts';
import { type Dialect, dialects } from './support/dialect.ts';
import { RawServer } from './support/raw-server.ts';
import { politeWelcome, RawSession } from './support/raw-session.ts';
import { until } from './support/until.ts';

const caps = ['chunk'];

let arena: Arena;

async function join(dialect: Dialect, more: object = { caps }): Promise<RawSession & { sid: string }> {
  const { session, welcome } = await RawSession.greet(arena.port, dialect, { ...more });
  return Object.assign(session, { sid: welcome.sid });
}

/** Writing these takes this process so long that others would notice. */
const heavy = (name: string): boolean => name.startsWith('32 MiB');

describe('the server', () => {
  let bystander: Bystander;

  beforeAll(async () => {
    arena = await Arena.start({ codecs: dialects.map(({ codec }) => codec) });
    bystander = await Bystander.start(arena);
  });

  afterAll(async () => {
    expect(await bystander.stop()).toEqual([]);
    expect(await arena.stop()).toEqual([]);
  });

  describe.each(dialects)('$name', (dialect) => {
    test.each(badChunks('client', dialect).filter(([name]) => !heavy(name)))('%s -> %i', async (_name, code, said) => {
      const session = await join(dialect);
      say(session, dialect, said());
      expect(await session.peer.ended()).toBe(code);
      expect(arena.server.peers.has(session.sid)).toBe(code === 4540);
    });

    test('chunks of an end that never said it sends them -> 4400', async () => {
      const session = await join(dialect, {});
      say(session, dialect, [rawChunk(1, 1, 3, 1_024, 9_000)]);
      expect(await session.peer.ended()).toBe(4400);
    });

    test('a frame that comes twice is heard once', async () => {
      const session = await join(dialect);
      const once = inOneChunk(dialect, 1, 1, [1, 'note', { n: 1 }]);
      say(session, dialect, [once, once, [2, 0, [1, 'note', { n: 2 }]], once]);
      expect(await session.alive()).toBe(true);
      expect(arena.from(session.sid)).toEqual([1, 2]);
      session.peer.socket.destroy();
    });

    test('a call that was overtaken is answered, and one given up half-way is forgotten', async () => {
      const session = await join(dialect);
      say(session, dialect, [
        rawChunk(1, 1, 3, 1_024, 9_000),
        [2, 0, [2, 7, 'echo', { n: 7 }]],
        inOneChunk(dialect, 3, 2, [2, 5, 'echo', { n: 5 }]),
        rawChunk(4, 1, 9, 0),
        inOneChunk(dialect, 5, 3, [1, 'note', { n: 9 }]),
      ]);
      expect(await session.alive()).toBe(true);
      expect(arena.from(session.sid)).toEqual([7, 5, 9]);
      session.peer.socket.destroy();
    });

    test('bytes of an upload that was refused are dropped', async () => {
      const session = await join(dialect);
      say(session, dialect, [
        [1, 0, [5, 1, 'nobody', null, 0]],
        ...Array.from({ length: 40 }, (_, i) => rawChunk(i + 2, 1, 0, 65_536)),
      ]);
      expect((await session.frame(4)).slice(0, 3)).toEqual([4, 1, 'UNIMPLEMENTED']);
      expect(await session.alive()).toBe(true);
      session.peer.socket.destroy();
    });

    test.each(badReplies(2))('answers an upload with %s -> 4400', async (_name, ...frames) => {
      const session = await join(dialect);
      const peer = arena.server.peers.get(session.sid);
      const uploaded = peer?.upload('safe', undefined, new ReadableStream()).then(String, ({ code }) => code as string);
      expect((await session.frame(5)).slice(0, 3)).toEqual([5, 2, 'safe']);
      session.send([1, 0, ...frames]);
      expect(await session.peer.ended()).toBe(4400);
      expect(await uploaded).toBe('UNKNOWN_OUTCOME');
    });

    test('late answers to an upload change nothing', async () => {
      const session = await join(dialect);
      const peer = arena.server.peers.get(session.sid);
      const uploaded = peer?.upload('safe', undefined, new ReadableStream());
      await session.frame(5);
      session.send([1, 0, [3, 2, { n: 7 }], [3, 2, { n: 8 }], [8, 2, 1_024], [8, 2, 2_147_483_647], [4, 2, 'X', 'x']]);
      expect(await uploaded).toEqual({ n: 7 });
      expect(await session.alive()).toBe(true);
      session.peer.socket.destroy();
    });

    test('memory grows with what came', async () => {
      const session = await join(dialect);
      const before = process.memoryUsage().arrayBuffers;
      say(
        session,
        dialect,
        Array.from({ length: 16 }, (_, i) => rawChunk(i + 1, i + 1, 3, 1_024, 16_777_216)),
      );
      expect(await session.alive()).toBe(true);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4_000_000);
      session.peer.socket.destroy();
    });
  });
});

describe('the server, with much at once', () => {
  beforeAll(async () => {
    arena = await Arena.start({ codecs: dialects.map(({ codec }) => codec) });
  });

  afterAll(async () => {
    expect(await arena.stop()).toEqual([]);
  });

  describe.each(dialects)('$name', (dialect) => {
    test.each(badChunks('client', dialect).filter(([name]) => heavy(name)))('%s -> %i', async (_name, code, said) => {
      const session = await join(dialect);
      say(session, dialect, said());
      expect(await session.peer.ended(20_000)).toBe(code);
    });

    test('20,000 frames of one small chunk each are 20,000 messages', async () => {
      const session = await join(dialect);
      say(
        session,
        dialect,
        Array.from({ length: 20_000 }, (_, i) => inOneChunk(dialect, i + 1, i + 1, [1, 'note', { n: i }])),
      );
      await until('all are heard', () => arena.from(session.sid).length === 20_000, 20_000);
      expect(await session.alive()).toBe(true);
      session.peer.socket.destroy();
    });
  });
});

describe('the client', () => {
  let server: RawServer;
  let a: ArenaClient;

  beforeEach(async () => {
    server = await RawServer.start();
  });

  afterEach(async () => {
    expect(await a.close()).toEqual([]);
    await server.stop();
  });

  async function welcomed(dialect: Dialect): Promise<RawSession> {
    a = new ArenaClient(server.url, { codec: dialect.codec });
    a.client.connect().catch(() => undefined);
    const session = new RawSession(await server.accept(), dialect);
    await session.frame(32);
    session.send([0, 0, [33, { ...politeWelcome, caps }]]);
    await a.connected();
    return session;
  }

  describe.each(dialects)('$name', (dialect) => {
    test.each(badChunks('server', dialect))('%s -> %i', async (_name, code, said) => {
      const session = await welcomed(dialect);
      say(session, dialect, said());
      expect(await session.peer.ended()).toBe(code);
      if (code === 4540) return;
      await until('it is closed', () => a.status === 'closed');
      expect(server.peers.length).toBe(1);
    });

    test.each(badReplies(1))('answers an upload with %s -> 4400', async (_name, ...frames) => {
      const session = await welcomed(dialect);
      const uploaded = a.client.upload('vault', undefined, new ReadableStream());
      const told = uploaded.then(String, ({ code }) => code as string);
      expect((await session.frame(5)).slice(0, 3)).toEqual([5, 1, 'vault']);
      session.send([1, 0, ...frames]);
      expect(await session.peer.ended()).toBe(4400);
      expect(await told).toBe('UNKNOWN_OUTCOME');
      await until('it is closed', () => a.status === 'closed');
    });

    test('a frame that comes twice is heard once, one given up is forgotten', async () => {
      const session = await welcomed(dialect);
      const once = inOneChunk(dialect, 1, 1, [1, 'news', { n: 1 }]);
      say(session, dialect, [once, once, rawChunk(2, 2, 3, 1_024, 9_000), rawChunk(3, 2, 9, 0)]);
      expect(await session.alive()).toBe(true);
      expect(a.inbox).toEqual([1]);
    });
  });
});
