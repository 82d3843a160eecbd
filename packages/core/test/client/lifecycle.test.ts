import type { ConnectionState, SessionLost } from '@hawser/core';
import { describe, expect, it } from 'vitest';
import { bedOf, rejection } from './bed.ts';

describe('dialling', () => {
  it('waits for the first use by default, and does not with lazy: false', async () => {
    await using lazy = bedOf();
    await using eager = bedOf({ client: { lazy: false } });
    await lazy.clock.settle();
    await eager.clock.settle();
    expect([lazy.client.state.status, eager.client.state.status]).toEqual(['idle', 'connected']);
    const stop = lazy.client.on('news', () => undefined);
    await lazy.clock.settle();
    expect(lazy.client.state.status).toBe('connected');
    stop();
  });

  it('asks for the credential on every dial, and for a new one when it was refused', async () => {
    const asked: { attempt: number; refresh: boolean }[] = [];
    let valid = 'one';
    await using bed = bedOf({
      client: {
        auth: async (info) => {
          asked.push(info);
          return info.refresh ? valid : 'one';
        },
      },
      server: {
        authenticate: ({ auth, refuse }) => (auth === valid ? 'ada' : refuse('UNAUTHENTICATED', 'who are you?')),
      },
    });
    await bed.client.connect();
    await bed.clock.advance(6_000);
    valid = 'two';
    bed.link.drop();
    await bed.clock.advance(10_000);
    expect(bed.client.state).toMatchObject({ status: 'connected', resumed: true });
    expect(asked.map(({ refresh }) => refresh)).toEqual([false, false, true]);
  });

  it('is suspended when the new credential is refused as well, until connect()', async () => {
    let open = false;
    await using bed = bedOf({
      server: {
        authenticate: ({ refuse }) => (open ? 'ada' : refuse('UNAUTHENTICATED', 'who are you?')),
      },
    });
    const failed = rejection(bed.client.connect());
    await bed.clock.advance(10_000);
    expect(await failed).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(bed.client.state).toMatchObject({ status: 'suspended', reason: 'unauthenticated' });
    const dials = bed.link.connections;
    await bed.clock.advance(600_000);
    expect(bed.link.connections).toBe(dials);
    open = true;
    await bed.client.connect();
    expect(bed.client.state.status).toBe('connected');
  });

  it('goes on trying when the credential cannot be had, and tells why', async () => {
    let tries = 0;
    await using bed = bedOf({
      client: {
        auth: () => {
          tries += 1;
          if (tries < 3) throw new Error('keychain locked');
          return 'ada';
        },
      },
    });
    const causes: unknown[] = [];
    bed.client.onState((now) => {
      if (now.status === 'reconnecting' && now.phase === 'waiting') causes.push((now.error.cause as Error).message);
    });
    const connected = bed.client.connect();
    await bed.clock.advance(60_000);
    await connected;
    expect(causes).toEqual(['keychain locked', 'keychain locked']);
  });

  it('ends for good when the contracts differ', async () => {
    await using bed = bedOf({ server: { codecs: [] } });
    const failed = rejection(bed.client.connect());
    await bed.clock.advance(1_000);
    expect(await failed).toMatchObject({ code: 'CONTRACT_MISMATCH' });
    expect(bed.client.state).toMatchObject({ status: 'closed', reason: 'incompatible' });
  });
});

describe('liveness', () => {
  it.each(['client', 'server'])('measures the round trip with the first message of the %s', async (sender) => {
    await using bed = bedOf();
    bed.link.conditions({ latency: 40 });
    const connected = bed.client.connect();
    await bed.clock.advance(1_000);
    await connected;
    expect(bed.client.state).not.toHaveProperty('latency');
    if (sender === 'client') bed.client.send('note', { n: 1 });
    else bed.server.broadcast('news', { at: 0, text: 'x' });
    // An ack takes up to a second to leave.
    await bed.clock.advance(1_200);
    expect(bed.client.state).toMatchObject({ status: 'connected', latency: 80, degraded: false });
  });

  it('notices a half-open link within 45 seconds and resumes with nothing missing, both ways', async () => {
    await using bed = bedOf();
    const notes: number[] = [];
    const news: string[] = [];
    bed.server.on('note', ({ n }) => notes.push(n));
    bed.client.on('news', ({ text }) => news.push(text));
    await bed.client.connect();
    await bed.clock.advance(10_000);
    const states: ConnectionState[] = [];
    bed.client.onState((now) => states.push(now));
    bed.link.halfOpen();
    bed.client.send('note', { n: 1 });
    bed.server.broadcast('news', { at: 0, text: 'swallowed' });
    const cut = bed.clock.now();
    await bed.clock.advance(60_000);
    const noticed = states.findIndex(({ status }) => status === 'reconnecting');
    expect(states[noticed]).toMatchObject({ status: 'reconnecting', error: { code: 'UNAVAILABLE' } });
    expect(states.slice(0, noticed)).toContainEqual(expect.objectContaining({ status: 'connected', degraded: true }));
    expect((states[noticed] as { downSince: number }).downSince - cut).toBeLessThanOrEqual(45_000);
    expect([notes, news]).toEqual([[1], ['swallowed']]);
  });

  it('does not judge by a check that comes late: a process that stood still looks first', async () => {
    await using bed = bedOf();
    await bed.client.connect();
    const session = bed.client.sessionId;
    bed.clock.jump(3_600_000);
    await bed.clock.advance(1_000);
    expect(bed.client.state.status).toBe('connected');
    expect(bed.client.sessionId).toBe(session);
    expect(bed.link.connections).toBe(1);
  });
});

describe('ending', () => {
  it('disconnects after the last listener and call are gone', async () => {
    await using bed = bedOf({ client: { idleTimeout: 5_000 } });
    const stop = bed.client.on('news', () => undefined);
    await bed.client.connect();
    await bed.clock.advance(60_000);
    expect(bed.client.state.status).toBe('connected');
    stop();
    await bed.clock.advance(4_900);
    expect(bed.client.state.status).toBe('connected');
    await bed.clock.advance(2_000);
    expect(bed.client.state.status).toBe('idle');
    expect(bed.server.peers.size).toBe(0);
    bed.client.send('note', { n: 1 });
    await bed.clock.settle();
    expect(bed.client.state.status).toBe('connected');
  });

  it('disconnects at once, and once, with an idle timeout of 0', async () => {
    await using bed = bedOf({ client: { idleTimeout: 0 } });
    const states: string[] = [];
    bed.client.onState(({ status }) => states.push(status));
    const stop = bed.client.on('news', () => undefined);
    await bed.client.connect();
    await bed.clock.advance(1_000);
    stop();
    await bed.clock.advance(2_000);
    expect(states.filter((status, i) => status !== states[i - 1])).toEqual(['connecting', 'connected', 'idle']);
  });

  it('drains on close, and reports what could not be', async () => {
    await using bed = bedOf();
    const notes: number[] = [];
    bed.server.on('note', ({ n }) => notes.push(n));
    bed.link.conditions({ latency: 50 });
    const connected = bed.client.connect();
    await bed.clock.advance(500);
    await connected;
    for (let n = 0; n < 1_000; n += 1) bed.client.send('note', { n });
    const closed = bed.client.close({ drain: 5_000 });
    expect(bed.client.close()).toBe(closed);
    await bed.clock.advance(6_000);
    expect(await closed).toEqual({ unacknowledged: 0, unsent: 0 });
    expect(notes.length).toBe(1_000);

    const other = bed.connectClient();
    bed.link.refuse(1_000);
    other.send('note', { n: 1 });
    const hopeless = other.close({ drain: 1_000 });
    await bed.clock.advance(4_000);
    expect(await hopeless).toEqual({ unacknowledged: 0, unsent: 1 });
  });

  it('closes once, from any moment, and leaves no timer', async () => {
    const token: { resolve?: (value: string) => void } = {};
    for (const moment of ['idle', 'preparing', 'connecting', 'connected', 'waiting', 'handler']) {
      const bed = bedOf({
        client: moment === 'preparing' ? { auth: () => new Promise((resolve) => (token.resolve = resolve)) } : {},
      });
      const closings: string[] = [];
      bed.client.onState((now) => {
        if (now.status === 'closed') closings.push(now.reason);
      });
      if (moment === 'waiting') bed.link.refuse(1_000);
      if (moment !== 'idle') void bed.client.connect().catch(() => undefined);
      if (moment !== 'connecting') await bed.clock.settle();
      if (moment === 'handler') {
        bed.client.handle('ask', () => {
          void bed.client.close();
          return 1;
        });
        const [peer] = bed.server.peers.values();
        void peer?.call('ask', 'x').catch(() => undefined);
      }
      const closed = bed.client.close();
      await bed.clock.advance(3_000);
      await closed;
      token.resolve?.('late');
      expect([moment, closings]).toEqual([moment, ['client']]);
      expect(() => bed.client.send('note', { n: 1 })).toThrow(
        expect.objectContaining({ code: 'UNAVAILABLE' }) as Error,
      );
      await bed[Symbol.asyncDispose]();
      expect([moment, bed.clock.pending]).toEqual([moment, 0]);
    }
  });

  it('stops when the server ends the session', async () => {
    await using bed = bedOf();
    await bed.client.connect();
    const [peer] = bed.server.peers.values();
    peer?.close('logged out');
    await bed.clock.advance(1_000);
    expect(bed.client.state).toMatchObject({ status: 'closed', reason: 'server' });
    expect(bed.server.peers.size).toBe(0);
  });
});

describe('losing a session', () => {
  it('says gap on the next message of each name', async () => {
    await using bed = bedOf();
    const gaps: boolean[] = [];
    bed.client.on('news', (_, { gap }) => gaps.push(gap));
    await bed.client.connect();
    bed.server.broadcast('news', { at: 0, text: '' });
    await bed.clock.settle();
    bed.server.restart();
    await bed.clock.advance(10_000);
    bed.server.broadcast('news', { at: 0, text: '' });
    bed.server.broadcast('news', { at: 0, text: '' });
    await bed.clock.settle();
    expect(gaps).toEqual([false, true, false]);
  });

  it('is not told for a session that ends with everything accepted', async () => {
    await using bed = bedOf();
    const lost: SessionLost[] = [];
    bed.client.onSessionLost((loss) => lost.push(loss));
    bed.client.send('note', { n: 1 });
    await bed.client.connect();
    const gone = bed.client.disconnect();
    await bed.clock.advance(3_000);
    await gone;
    expect(bed.client.state.status).toBe('idle');
    expect(lost).toEqual([]);
  });

  it('gives a message up that closes the link as too big twice, and goes on without it', async () => {
    await using bed = bedOf();
    const lost: SessionLost[] = [];
    bed.client.onSessionLost((loss) => lost.push(loss));
    await bed.client.connect();
    // The first packet with the poison is swallowed, and the link closed as a proxy with a size limit would.
    for (let time = 0; time < 2; time += 1) {
      bed.link.halfOpen();
      if (time === 0) bed.client.send('note', { n: 666 });
      await bed.clock.settle();
      bed.link.drop({ code: 1009, serverCode: 1006 });
      expect(lost.length).toBe(time);
      if (time === 0) bed.link.conditions({ latency: 1 });
      await bed.clock.advance(time === 0 ? 0 : 5_000);
      if (time === 0) {
        // Reconnect, and swallow again before the replay is acknowledged.
        while (bed.client.state.status !== 'connected') await bed.clock.advance(1);
      }
    }
    expect(lost).toMatchObject([{ why: 'poison', outbound: { unknown: [{ data: { n: 666 } }] } }]);
    await bed.clock.advance(10_000);
    expect(bed.client.state.status).toBe('connected');
  });

  it('gives a client up that is away with more waiting than may be kept, at that moment', async () => {
    await using bed = bedOf({
      server: {
        keeps: { queueCount: 5, queueBytes: 10_000, replayCount: 5, replayBytes: 10_000, largeBytes: 1_000_000 },
      },
    });
    const lost: SessionLost[] = [];
    bed.client.onSessionLost((loss) => lost.push(loss));
    await bed.client.connect();
    const [peer] = bed.server.peers.values();
    bed.link.refuse(3);
    bed.link.drop();
    for (let n = 0; n < 11; n += 1) bed.server.broadcast('news', { at: 0, text: String(n) });
    await bed.clock.settle();
    expect(peer?.ended).toMatchObject({ why: 'overflow' });
    expect(bed.server.peers.size).toBe(0);
    await bed.clock.advance(60_000);
    expect(lost).toMatchObject([{ why: 'overflow', lostInbound: true }]);
  });
});
