// Faults of an open link, over real sockets: reliability catalogue F01, F02, F04, F05, F09, F26, F27, F28.
import { jsonCodec } from '@hawser/core/endpoint';
import { msgpackCodec } from '@hawser/core/msgpack';
import { afterEach, expect, test } from 'vitest';
import { Arena, type ArenaServerOptions, upTo } from './support/arena.ts';
import { brief } from './support/arena-client.ts';
import { pace } from './support/soak/pace.ts';
import { until } from './support/until.ts';

let arena: Arena;

afterEach(async () => {
  expect(await arena.stop()).toEqual([]);
});

/** Quick enough for a test, slow enough for a busy machine. */
const heartbeat = { every: 150, grace: 250 };
const deadAfter = heartbeat.every + heartbeat.grace;

async function start(options: ArenaServerOptions = {}): Promise<void> {
  arena = await Arena.start({ codecs: [jsonCodec, msgpackCodec], ...options });
}

for (const codec of [jsonCodec, msgpackCodec]) {
  test.each(['rst', 'fin'] as const)(
    `F01/F02 ${codec.subprotocol}: %s while idle is noticed at once and healed`,
    async (how) => {
      await start();
      const a = arena.client({ codec });
      await a.client.connect();
      const session = a.client.sessionId;
      const at = performance.now();
      arena.proxy[how]();
      await a.reaches('it noticed', (state) => state.status === 'reconnecting');
      expect(performance.now() - at).toBeLessThan(1_000);
      await a.connected(2);
      expect(brief(a.client.state)).toMatchObject({ status: 'connected', resumed: true });
      expect(a.client.sessionId).toBe(session);
      expect(arena.server.peers.size).toBe(1);
    },
  );

  test.each(['rst', 'fin'] as const)(
    `F01/F02 ${codec.subprotocol}: %s in a burst loses and doubles nothing`,
    async (how) => {
      await start();
      const a = arena.client({ codec });
      await a.client.connect();
      const session = a.client.sessionId;
      const { peer } = arena;
      let sent = 0;
      for (let round = 1; round <= 8; round += 1) {
        for (let i = 0; i < 300; i += 1) {
          a.notes(1);
          sent += 1;
          peer.send('news', { n: sent });
        }
        // In the middle: some have arrived, most are on their way or not written yet.
        await until(
          'some arrived',
          () => arena.from(session).length > (round - 1) * 300 && a.inbox.length > (round - 1) * 300,
        );
        arena.proxy[how]();
        await a.connected(round + 1);
        await until('all arrive', () => arena.from(session).length >= sent && a.inbox.length >= sent);
      }
      expect(arena.from(session)).toEqual(upTo(sent));
      expect(a.inbox).toEqual(upTo(sent));
      expect(a.losses).toEqual([]);
      expect(arena.ends).toEqual([]);
    },
  );
}

test('F01: a call that was answered into a dead link gets its answer after the resume', async () => {
  await start();
  const a = arena.client();
  await a.client.connect();
  const answer = a.client.call('hold');
  await until('the handler runs', () => arena.held === 1);
  arena.proxy.links[0]?.down.stall();
  arena.answerHeld();
  await until('the answer is in the air', () => (arena.proxy.links[0]?.down.waiting ?? 0) > 0);
  arena.proxy.rst();
  expect(await answer).toEqual({ n: 0 });
  expect(arena.held).toBe(0);
});

test('F04: a peer that is gone without a word is noticed by both ends in time, and the session lives on', async () => {
  await start({ heartbeat });
  const a = arena.client();
  await a.client.connect();
  const session = a.client.sessionId;
  const { peer } = arena;
  const at = performance.now();
  arena.proxy.links[0]?.blackhole();
  a.notes(50);
  peer.send('news', { n: 1 });
  let detachedAfter = Number.NaN;
  const client = a
    .reaches('the client noticed', (state) => state.status === 'reconnecting')
    .then(() => performance.now() - at);
  await until('the server noticed', () => !peer.connected);
  detachedAfter = performance.now() - at;
  // What was heard last counts, so a little less than the sum may pass on this clock.
  for (const took of [await client, detachedAfter]) {
    expect(took).toBeGreaterThan(heartbeat.every);
    expect(took).toBeLessThan(deadAfter + 1_000);
  }
  await a.connected(2);
  await until('all arrive', () => arena.from(session).length === 50 && a.inbox.length === 1);
  expect(arena.from(session)).toEqual(upTo(50));
  expect(a.losses).toEqual([]);
});

test.each(['up', 'down'] as const)(
  'F05: when only %s is silent, sending alone does not count as health',
  async (direction) => {
    await start({ heartbeat });
    const a = arena.client();
    await a.client.connect();
    const session = a.client.sessionId;
    const { peer } = arena;
    let sent = 0;
    const stop = pace(50, () => {
      sent += 1;
      a.notes(1);
      peer.send('news', { n: sent });
    });
    const at = performance.now();
    arena.proxy.links[0]?.[direction].drop();
    await a.reaches('the client lost it', (state) => state.status === 'reconnecting');
    expect(performance.now() - at).toBeLessThan(deadAfter + 1_000);
    await a.connected(2);
    stop();
    await until('all arrive', () => arena.from(session).length === sent && a.inbox.length === sent);
    expect(arena.from(session)).toEqual(upTo(sent));
    expect(a.inbox).toEqual(upTo(sent));
    expect(a.losses).toEqual([]);
  },
);

test('F06: a stall shorter than the deadline is no reason to reconnect', async () => {
  await start({ heartbeat: { every: 100, grace: 3_000 } });
  const a = arena.client();
  await a.client.connect();
  const session = a.client.sessionId;
  arena.proxy.up.stall();
  arena.proxy.down.stall();
  a.notes(200);
  arena.peer.send('news', { n: 1 });
  await until('several pings are held', () => (arena.proxy.links[0]?.down.waiting ?? 0) > 100);
  arena.proxy.pass();
  await until('all arrive late, in order', () => arena.from(session).length === 200 && a.inbox.length === 1);
  expect(arena.from(session)).toEqual(upTo(200));
  expect(a.connections).toBe(1);
});

test('F09: byte by byte works, and costs no more than a turn of the loop for each', async () => {
  await start();
  arena.proxy.up.slice(1);
  arena.proxy.down.slice(1);
  const a = arena.client();
  await a.client.connect();
  const session = a.client.sessionId;
  a.notes(20);
  arena.peer.send('news', { n: 1 });
  expect(await a.client.call('echo', { n: 21 })).toEqual({ n: 21 });
  expect(arena.from(session)).toEqual(upTo(21));
  expect(a.inbox).toEqual([1]);
  expect(a.connections).toBe(1);
});

test('F26: a link that flaps, in every handshake too, keeps its session', async () => {
  await start();
  const a = arena.client();
  await a.client.connect();
  const session = a.client.sessionId;
  let welcomes = 1;
  let sent = 0;
  // Two of three new links die in their handshake, at ever other places; the third lives for one message.
  for (let cut = 0; cut < 50; cut += 1) {
    const direction = cut % 2 === 0 ? 'down' : 'up';
    if (cut % 3 !== 2)
      arena.proxy.onNextLink((link) => link[direction].cutAfter((cut * 37) % 700, cut % 4 < 2 ? 'rst' : 'destroy'));
    sent += 1;
    a.notes(1);
    const opened = arena.proxy.opened;
    arena.proxy.rst();
    await until('a new link was tried', () => arena.proxy.opened > opened);
    if (cut % 3 !== 2) continue;
    welcomes += 1;
    await until('it arrived', () => arena.from(session).length === sent);
  }
  await until('connected', () => a.status === 'connected');
  await until('all arrived', () => arena.from(session).length === sent);
  expect(a.connections).toBeGreaterThanOrEqual(welcomes);
  expect(arena.from(session)).toEqual(upTo(sent));
  expect(a.client.sessionId).toBe(session);
  expect(a.losses).toEqual([]);
  expect(arena.server.peers.size).toBe(1);
});

test('F26: the memory of failed tries fades only once a link was stable', async () => {
  await start();
  const a = arena.client({ reconnect: { stableAfter: 300 } });
  await a.client.connect();
  for (const expected of [2, 3, 4]) {
    const before = a.connections;
    arena.proxy.rst();
    await a.reaches('it tries', (state) => state.status === 'reconnecting' && state.attempt === expected);
    await a.connected(before + 1);
    expect(brief(a.client.state)).toMatchObject({ attempt: expected });
  }
  await a.reaches('it is stable', (state) => state.status === 'connected' && state.stableAt === undefined);
  arena.proxy.rst();
  await a.connected(5);
  expect(brief(a.client.state)).toMatchObject({ attempt: 1 });
});

test('F27: a hello that arrives late, from a socket given up long ago, disturbs nothing', async () => {
  await start();
  const a = arena.client({ reconnect: { welcomeTimeout: 150 } });
  await a.client.connect();
  const session = a.client.sessionId;
  a.notes(10);
  await until('the first arrived', () => arena.from(session).length === 10);

  // Let the upgrade request through and hold the hello behind it.
  arena.proxy.onNextLink((link) => {
    // So that the hello is still on its way when the watch sees that the request is through.
    link.up.delay(40);
    const watch = setInterval(() => {
      if (link.up.forwarded === 0) return;
      clearInterval(watch);
      link.up.stall();
    }, 0);
  });
  arena.proxy.rst();
  await a.reaches('the try was given up', (state) => state.status === 'reconnecting' && state.error.code === 'TIMEOUT');
  await a.connected(2);
  const [abandoned] = arena.proxy.links;
  expect(arena.proxy.links.length).toBe(2);
  expect(abandoned?.up.waiting).toBeGreaterThan(0);
  a.notes(10);
  await until('the new link works', () => arena.from(session).length === 20);

  const forwarded = abandoned?.up.forwarded ?? 0;
  abandoned?.up.release();
  await until('the late hello is through', () => (abandoned?.up.forwarded ?? 0) > forwarded);
  await until('the server turned it away', () => arena.proxy.links.length === 1);
  a.notes(10);
  arena.peer.send('news', { n: 1 });
  await until('the live link still works', () => arena.from(session).length === 30 && a.inbox.length === 1);
  expect(arena.from(session)).toEqual(upTo(30));
  expect(a.connections).toBe(2);
  expect(a.losses).toEqual([]);
});

test('F28: what an old socket still delivers after it was replaced is not heard twice', async () => {
  await start();
  const a = arena.client();
  await a.client.connect();
  const session = a.client.sessionId;
  const [old] = arena.proxy.links;
  old?.up.stall();
  a.notes(100);
  await until('they are on their way', () => (old?.up.waiting ?? 0) > 500);
  // Only the client's side ends: for the server nothing has happened, and the old bytes are still in the air.
  old?.loseClient();
  await a.connected(2);
  await until('the new socket replayed', () => arena.from(session).length === 100);
  old?.up.release();
  await until('the old bytes are through', () => old?.up.waiting === 0);
  a.notes(50);
  expect(await a.client.call('echo', { n: 151 })).toEqual({ n: 151 });
  expect(arena.from(session)).toEqual(upTo(151));
  expect(a.connections).toBe(2);
});

test('F28: an old socket that comes back to life cannot take the session from the new one', async () => {
  await start({ heartbeat });
  const a = arena.client();
  await a.client.connect();
  const session = a.client.sessionId;
  const [old] = arena.proxy.links;
  old?.blackhole();
  a.notes(100);
  await a.connected(2);
  a.notes(100);
  await until('all arrived', () => arena.from(session).length === 200);
  old?.pass();
  await until('the old link is over', () => arena.proxy.links.length === 1);
  a.notes(100);
  await until('the rest arrives', () => arena.from(session).length === 300);
  expect(arena.from(session)).toEqual(upTo(300));
  expect(a.connections).toBe(2);
  expect(a.losses).toEqual([]);
});
