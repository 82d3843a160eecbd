// Endings on purpose, over real sockets: reliability catalogue F44 and F45.
import { createServer as createHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Arena, upTo } from './support/arena.ts';
import { RawServer } from './support/raw-server.ts';
import { until, within } from './support/until.ts';

let arena: Arena;

afterEach(async () => {
  expect(await arena.stop()).toEqual([]);
});

describe('F44: closing gracefully', () => {
  test('the client waits for the acknowledgement of 1,000 messages', async () => {
    arena = await Arena.start();
    const a = arena.client();
    await a.client.connect();
    const session = a.client.sessionId;
    a.notes(1_000);
    expect(await a.client.close({ drain: 5_000 })).toEqual({ unacknowledged: 0, unsent: 0 });
    expect(arena.from(session)).toEqual(upTo(1_000));
    await until('the server knows', () => arena.ends.length === 1);
    expect(arena.ends[0]?.end.why).toBe('client');
    expect(a.losses).toEqual([]);
  });

  test('over a dead link the client says how many were not acknowledged, in time', async () => {
    arena = await Arena.start();
    const a = arena.client();
    await a.client.connect();
    a.notes(1);
    await until('one is acknowledged', () => arena.delivered.size === 1);
    expect(await a.client.call('echo', { n: 2 })).toEqual({ n: 2 });
    arena.proxy.blackhole();
    a.notes(1_000);
    const at = performance.now();
    const report = await a.client.close({ drain: 100 });
    expect(report.unacknowledged + report.unsent).toBe(1_000);
    // The drain, then the time a socket has to close.
    expect(performance.now() - at).toBeLessThan(100 + 2_000 + 1_000);
  });

  test('a link that breaks during the drain is mended for it', async () => {
    arena = await Arena.start();
    const a = arena.client();
    await a.client.connect();
    const session = a.client.sessionId;
    arena.proxy.up.stall();
    a.notes(1_000);
    await until('they have left', () => (arena.proxy.links[0]?.up.waiting ?? 0) > 1_000);
    const closing = a.client.close({ drain: 4_000 });
    arena.proxy.up.release();
    arena.proxy.rst();
    expect(await closing).toEqual({ unacknowledged: 0, unsent: 0 });
    expect(arena.from(session)).toEqual(upTo(1_000));
  });

  test('the server delivers what it has sent, and answers what it was asked, before it closes', async () => {
    arena = await Arena.start();
    const a = arena.client();
    await a.client.connect();
    const { peer } = arena;
    const answer = a.client.call('hold');
    await until('the handler runs', () => arena.held === 1);
    for (const n of upTo(1_000)) peer.send('news', { n });
    const closing = arena.server.close({ drain: 4_000 });
    await until('the messages arrive', () => a.inbox.length === 1_000);
    arena.answerHeld();
    expect(await answer).toEqual({ n: 0 });
    await closing;
    expect(a.inbox).toEqual(upTo(1_000));
    expect(peer.ended).toMatchObject({ why: 'shutdown', outbound: { unsent: 0, unknown: 0 } });
    // Draining is no reason to give up: it comes back to whoever listens then.
    await a.reaches('it looks for another', ({ status }) => status === 'reconnecting');
    await a.reaches('it hears why', (state) => state.status === 'reconnecting' && /HTTP 503/.test(state.error.message));
  });

  test('the server does not wait for a client that is gone', async () => {
    arena = await Arena.start();
    const a = arena.client();
    await a.client.connect();
    const { peer } = arena;
    arena.proxy.blackhole();
    for (const n of upTo(100)) peer.send('news', { n });
    const at = performance.now();
    await arena.server.close({ drain: 100 });
    expect(performance.now() - at).toBeLessThan(100 + 2_500 + 1_000);
    const { unsent = 0, unknown = 0 } = peer.ended?.outbound ?? {};
    expect(unsent + unknown).toBe(100);
  });
});

describe('F45: close() at awkward moments', () => {
  beforeEach(async () => {
    arena = await Arena.start();
  });

  // One closed event, a legal path, no socket and no timer: the end of every test looks at that.

  test('before anything', async () => {
    const a = arena.client();
    expect(await a.client.close()).toEqual({ unacknowledged: 0, unsent: 0 });
    expect(a.statuses.at(-1)).toBe('closed');
    await expect(a.client.connect()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('while `auth` is being fetched', async () => {
    let release: (value: string) => void = () => undefined;
    const a = arena.client({
      auth: () =>
        new Promise<string>((resolve) => {
          release = resolve;
        }),
    });
    const connecting = expect(a.client.connect()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await a.client.close();
    await connecting;
    release('too late');
    await until('the late answer was ignored', () => a.status === 'closed');
    expect(arena.proxy.opened).toBe(0);
  });

  test('while `auth` is being fetched, and then fails', async () => {
    let fail: (error: Error) => void = () => undefined;
    const a = arena.client({
      auth: () =>
        new Promise<string>((_, reject) => {
          fail = reject;
        }),
    });
    const connecting = expect(a.client.connect()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await a.client.close();
    await connecting;
    fail(new Error('the sign-in window was shut'));
    expect(a.errors).toEqual([]);
  });

  test('while the socket opens', async () => {
    arena.proxy.down.stall();
    const a = arena.client();
    const connecting = expect(a.client.connect()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await until('it is dialling', () => arena.proxy.opened === 1);
    await a.client.close();
    await connecting;
  });

  test('between opening and welcome', async () => {
    const silent = await RawServer.start();
    const a = arena.client({}, silent.url);
    const connecting = expect(a.client.connect()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const peer = await silent.accept();
    await peer.next();
    await within('it closes', a.client.close());
    await connecting;
    await until('the socket is gone', () => peer.gone);
    expect(peer.closeFrame?.code).toBe(1000);
    await silent.stop();
  });

  test('while it waits for the next try', async () => {
    arena.proxy.refuse();
    const a = arena.client({ reconnect: { minDelay: 60_000, maxDelay: 60_000 } });
    a.notes(1);
    await a.reaches('it waits', (state) => state.status === 'reconnecting' && state.retryAt - Date.now() > 1_000);
    expect(await a.client.close()).toEqual({ unacknowledged: 0, unsent: 1 });
  });

  test('twice at once, and once more', async () => {
    const a = arena.client();
    await a.client.connect();
    a.notes(10);
    const [first, second] = await Promise.all([a.client.close({ drain: 1_000 }), a.client.close()]);
    expect(second).toBe(first);
    expect(await a.client.close()).toBe(first);
    expect(first).toEqual({ unacknowledged: 0, unsent: 0 });
  });

  test('inside a message handler, with more of the same packet to come', async () => {
    const a = arena.client();
    await a.client.connect();
    let closing: Promise<unknown> | undefined;
    a.client.on('news', () => {
      closing ??= a.client.close();
    });
    for (const n of upTo(5)) arena.peer.send('news', { n });
    await until('it closed itself', () => a.status === 'closed');
    await closing;
    expect(a.inbox).toEqual(upTo(a.inbox.length));
    expect(a.problems).toEqual([]);
  });

  test('inside a call handler', async () => {
    const a = arena.client();
    const ended = new Promise((resolve) => {
      a.client.onState((now) => now.status === 'closed' && resolve(now));
    });
    await a.client.connect();
    const { peer } = arena;
    a.client.on('news', () => void a.client.close());
    const answer = peer.safeCall('check', { n: 1 });
    expect(await answer).toEqual({ ok: true, data: { n: 1 } });
    const last = peer.safeCall('check', { n: 2 });
    peer.send('news', { n: 3 });
    await ended;
    expect((await last).ok || peer.ended !== undefined).toBe(true);
  });

  test('inside a state listener, at each status', async () => {
    for (const status of ['connecting', 'connected'] as const) {
      const a = arena.client();
      a.client.onState((now) => {
        if (now.status === status) void a.client.close();
      });
      a.client.connect().catch(() => undefined);
      await a.reaches('it is closed', (now) => now.status === 'closed');
      expect(a.statuses.at(-1)).toBe('closed');
    }
  });

  test('disconnect, and on again with a new session', async () => {
    const a = arena.client();
    await a.client.connect();
    const session = a.client.sessionId;
    a.notes(3);
    await a.client.disconnect();
    expect(a.status).toBe('idle');
    expect(arena.from(session)).toEqual(upTo(3));
    await until('the server ended the session', () => arena.server.peers.size === 0);
    a.notes(1);
    await a.connected(2);
    await until('it arrives', () => arena.from(a.client.sessionId).length === 1);
    expect(a.losses).toEqual([]);
  });

  test('the server, twice, and with a client in the middle of its hello', async () => {
    const http = createHttp();
    await new Promise<void>((resolve) => {
      http.listen(0, '127.0.0.1', resolve);
    });
    arena.server.attach(http, { path: '/ws' });
    arena.proxy.up.cutAfter(10_000);
    const a = arena.client({}, `ws://127.0.0.1:${(http.address() as AddressInfo).port}/ws`);
    a.notes(1);
    await a.reaches('it opens', (state) => 'phase' in state && state.phase !== 'preparing');
    await Promise.all([arena.server.close({ drain: 0 }), arena.server.close()]);
    expect(arena.server.peers.size).toBe(0);
    await a.client.close();
    await new Promise((resolve) => http.close(resolve));
  });
});
