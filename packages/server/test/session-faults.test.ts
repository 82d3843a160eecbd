// Faults of sessions, over real sockets: reliability catalogue F10, F36, F37.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Arena } from './support/arena.ts';
import { brief } from './support/arena-client.ts';
import { until } from './support/until.ts';

let arena: Arena;

afterEach(async () => {
  expect(await arena.stop()).toEqual([]);
});

describe('F10: the server process was replaced', () => {
  test('the session is lost once, sorted, and what never left goes on in the next', async () => {
    // A second server behind the same address is what a client sees of a restart.
    arena = await Arena.start();
    const next = await arena.another();
    const a = arena.client();
    await a.client.connect();
    const lostSession = a.client.sessionId;
    a.notes(5);
    expect(await a.client.call('echo', { n: 6 })).toEqual({ n: 6 });
    await until('all six are acknowledged', () => arena.from(lostSession).length === 6);

    const [link] = arena.proxy.links;
    link?.up.stall();
    // Written, and never to arrive.
    for (const n of [7, 8]) a.client.send('note', { n });
    const written = a.client.safeCall('echo', { n: 9 });
    await until('they have left', () => (link?.up.waiting ?? 0) > 0);
    arena.proxy.retarget(next.port);
    arena.proxy.rst();
    await a.reaches('it noticed', ({ status }) => status === 'reconnecting');
    // Never written: the link is down.
    for (const n of [10, 11]) a.client.send('note', { n });
    const unwritten = a.client.safeCall('echo', { n: 12 });
    await a.connected(2);

    expect(brief(a.client.state)).toMatchObject({ resumed: false });
    expect(a.losses.length).toBe(1);
    const [loss] = a.losses;
    expect(loss).toMatchObject({ sessionId: lostSession, why: 'unknown', lostInbound: 'unknown', requeued: true });
    expect(loss?.outbound).toEqual({
      acked: 6,
      unknown: [
        { kind: 'message', name: 'note', data: { n: 7 } },
        { kind: 'message', name: 'note', data: { n: 8 } },
        { kind: 'call', name: 'echo', data: { n: 9 } },
      ],
      unsent: [
        { kind: 'message', name: 'note', data: { n: 10 } },
        { kind: 'message', name: 'note', data: { n: 11 } },
        { kind: 'call', name: 'echo', data: { n: 12 } },
      ],
    });
    const [unknown, answered] = await Promise.all([written, unwritten]);
    expect(unknown).toMatchObject({
      ok: false,
      error: { code: 'UNKNOWN_OUTCOME', executed: 'maybe', retryable: false },
    });
    expect(answered).toEqual({ ok: true, data: { n: 12 } });
    expect(next.from(a.client.sessionId)).toEqual([10, 11, 12]);
  });

  test('without `requeueUnsent` nothing goes on by itself', async () => {
    arena = await Arena.start();
    const next = await arena.another();
    const a = arena.client({ requeueUnsent: false });
    await a.client.connect();
    arena.proxy.retarget(next.port);
    arena.proxy.rst();
    await a.reaches('it noticed', ({ status }) => status === 'reconnecting');
    a.notes(2);
    const call = a.client.safeCall('echo', { n: 3 });
    await a.connected(2);
    expect(a.losses.map(({ requeued, outbound }) => [requeued, outbound.unsent.length])).toEqual([[false, 3]]);
    expect(await call).toMatchObject({ ok: false, error: { code: 'SESSION_LOST', executed: 'no', retryable: true } });
    expect(await a.client.call('echo', { n: 4 })).toEqual({ n: 4 });
    expect(next.from(a.client.sessionId)).toEqual([4]);
  });

  test('the next message of each name says that some may be missing', async () => {
    arena = await Arena.start();
    const next = await arena.another();
    const a = arena.client();
    const gaps: boolean[] = [];
    a.client.on('news', (_, { gap }) => gaps.push(gap));
    await a.client.connect();
    arena.peer.send('news', { n: 1 });
    await until('it arrives', () => gaps.length === 1);
    arena.proxy.retarget(next.port);
    arena.proxy.rst();
    await a.connected(2);
    for (const n of [2, 3]) next.peer.send('news', { n });
    await until('they arrive', () => gaps.length === 3);
    expect(gaps).toEqual([false, true, false]);
  });

  test('a session away for longer than its window is lost with the reason, on both ends', async () => {
    arena = await Arena.start({ sessions: { window: 60 } });
    const a = arena.client();
    await a.client.connect();
    const { peer } = arena;
    arena.proxy.refuse();
    arena.proxy.rst();
    await until('the server noticed', () => !peer.connected);
    peer.send('news', { n: 1 });
    await until('the server gave it up', () => arena.ends.length === 1);
    expect(arena.ends[0]?.end).toEqual({ why: 'expired', outbound: { acked: 0, unsent: 1, unknown: 0 } });
    await arena.proxy.accept();
    await a.connected(2);
    expect(a.losses.map(({ why }) => why)).toEqual(['expired']);
    expect(a.inbox).toEqual([]);
  });
});

describe('who comes back', () => {
  let token: string;
  let banned: Set<string>;

  beforeEach(async () => {
    token = 'ada';
    banned = new Set();
    arena = await Arena.start({
      authenticate: ({ auth, refuse }) => {
        const user = String(auth);
        if (user === 'nobody') refuse('UNAUTHENTICATED', 'sign in');
        if (banned.has(user)) refuse('FORBIDDEN', 'banned');
        return { user };
      },
    });
  });

  test('F36: another user does not get the session', async () => {
    const a = arena.client({ auth: () => token });
    await a.client.connect();
    const session = a.client.sessionId;
    const { peer } = arena;
    token = 'eve';
    arena.proxy.rst();
    await until('the server noticed', () => !peer.connected);
    peer.send('news', { n: 1 });
    await a.connected(2);
    expect(a.losses.map(({ why, sessionId }) => [why, sessionId])).toEqual([['principal', session]]);
    expect(a.client.sessionId).not.toBe(session);
    expect([...arena.server.peers.values()].map(({ auth }) => auth.user)).toEqual(['ada', 'eve']);
    // Nothing of the first user's reached the second, and the first one's session waits unharmed.
    expect(await a.client.call('echo', { n: 1 })).toEqual({ n: 1 });
    expect(a.inbox).toEqual([]);
    expect(peer.ended).toBeUndefined();
  });

  test('F36: a fresh token of the same user resumes', async () => {
    let count = 0;
    const a = arena.client({
      auth: () => {
        count += 1;
        return token;
      },
    });
    await a.client.connect();
    arena.proxy.rst();
    await a.connected(2);
    expect(brief(a.client.state)).toMatchObject({ resumed: true });
    expect(count).toBe(2);
    expect(a.losses).toEqual([]);
  });

  test('F37: who was banned while away stays out', async () => {
    const a = arena.client({ auth: () => token });
    await a.client.connect();
    banned.add('ada');
    arena.proxy.rst();
    const state = await a.reaches('it is closed', ({ status }) => status === 'closed');
    expect(brief(state)).toMatchObject({ reason: 'forbidden', code: 'FORBIDDEN' });
    expect(a.connections).toBe(1);
  });

  test('a credential that ran out while away is refreshed, and the session goes on', async () => {
    const refreshes: boolean[] = [];
    const a = arena.client({
      auth: ({ refresh }: { refresh: boolean }) => {
        refreshes.push(refresh);
        if (refresh) token = 'ada';
        return token;
      },
    });
    await a.client.connect();
    token = 'nobody';
    arena.proxy.rst();
    await a.connected(2);
    expect(refreshes).toEqual([false, false, true]);
    expect(brief(a.client.state)).toMatchObject({ resumed: true });
    expect(a.losses).toEqual([]);
  });
});
