import type { PeerEnd } from '@hawser/core/endpoint';
import { msgpackCodec } from '@hawser/core/msgpack';
import { ManualClock } from '@hawser/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rawConnect } from '../test/support/raw-client.ts';
import { until } from '../test/support/until.ts';
import { createServer } from './create-server.ts';
import { jsonCodec } from './index.ts';
import type { ServerOptions } from './options.ts';
import type { Server } from './server-surface.ts';
import { alarm, fleet, idleHandlers, type Fleet } from '../test/stage/fleet.ts';
import { reaches, Stage } from '../test/stage/stage.ts';

const path = '/ws';
const protocol = 'hawser.1.json';
const hello = '[0,0,[32,{"v":0,"caps":[],"lim":{"frame":262144,"msg":262144,"inflight":8}}]]';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.strike());

type Options = Omit<ServerOptions<Fleet, never>, 'contract' | 'authenticate' | 'principal'>;

/** A server, its port, and how its sessions ended. */
async function open(options: Options = {}) {
  const server: Server<Fleet, undefined> = createServer({
    contract: fleet,
    authenticate: 'none',
    ...options,
  }).implement(idleHandlers);
  const ends: PeerEnd[] = [];
  server.onPeerEnd((_, end) => ends.push(end));
  return { server, ends, port: await stage.serve(server) };
}

describe('a session', () => {
  it('survives cut links: every message arrives once and in order, both ways', async () => {
    const { server, port } = await open();
    const cable = await stage.cable(port);
    const client = stage.client(cable.port);
    const up: number[] = [];
    const down: string[] = [];
    server.on('heartbeat', ({ battery }) => up.push(battery));
    client.on('alarm', ({ text }) => down.push(text));
    await client.connect();
    const [peer] = server.peers.values();
    const count = 400;
    for (let n = 0; n < count; n += 1) {
      client.send('heartbeat', { battery: n });
      peer?.send('alarm', alarm(String(n)));
      if (n % 100 === 50) cable.rst();
      if (n % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await until('all arrived', () => up.length >= count && down.length >= count);
    const numbers = Array.from({ length: count }, (_, n) => n);
    expect(up).toEqual(numbers);
    expect(down).toEqual(numbers.map(String));
    expect([...server.peers.values()]).toEqual([peer]);
    expect(cable.opened).toBeGreaterThan(1);
  });

  it('takes messages for a client that is away, and delivers them on its return', async () => {
    const { server, port } = await open();
    const cable = await stage.cable(port);
    const client = stage.client(cable.port);
    await client.connect();
    const [peer] = server.peers.values();
    cable.refuse();
    cable.rst();
    await until('the server noticed', () => peer?.connected === false);
    const heard: string[] = [];
    client.on('alarm', ({ text }) => heard.push(text));
    peer?.send('alarm', alarm('one'));
    server.broadcast('alarm', alarm('two'));
    await cable.accept();
    await until('both arrived', () => heard.length === 2);
    expect([heard, peer?.connected]).toEqual([['one', 'two'], true]);
  });

  it('expires after its window: the server is told, and so is the client when it comes back', async () => {
    const clock = new ManualClock();
    const { server, ends, port } = await open({ clock, sessions: { window: 1_000 } });
    const cable = await stage.cable(port);
    const client = stage.client(cable.port);
    const lost: unknown[] = [];
    client.onSessionLost(({ why, outbound }) => lost.push([why, outbound.acked]));
    await client.call('whoami');
    const [peer] = server.peers.values();
    const peerEnds: string[] = [];
    peer?.onEnd(({ why }) => peerEnds.push(why));
    cable.refuse();
    cable.rst();
    await until('the server noticed', () => peer?.connected === false);
    peer?.send('alarm', alarm('too late'));
    await clock.advance(999);
    expect(server.peers.size).toBe(1);
    await clock.advance(1);
    expect(server.peers.size).toBe(0);
    expect(peerEnds).toEqual(['expired']);
    expect(ends).toEqual([{ why: 'expired', outbound: { acked: 0, unsent: 1, unknown: 0 } }]);
    expect(() => peer?.send('alarm', alarm('gone'))).toThrow("The client's session ended (expired)");
    await cable.accept();
    await until('the client is told', () => lost.length > 0);
    expect(lost).toEqual([['expired', 1]]);
    await reaches(client, 'connected');
    const closing = client.close();
    await clock.settle();
    await closing;
    const closed = server.close();
    await clock.advance(5_000);
    await closed;
    expect(clock.pending).toBe(0);
  });

  it('ends when the server closes it, and the client does not come back', async () => {
    const { server, ends, port } = await open();
    const client = stage.client(port);
    await client.connect();
    server.peers.forEach((peer) => peer.close('logged out'));
    const state = await reaches(client, 'closed');
    expect(state).toMatchObject({ reason: 'server', error: { data: { closeCode: 4410, reason: 'logged out' } } });
    expect(ends.map(({ why }) => why)).toEqual(['server']);
    expect(server.peers.size).toBe(0);
  });

  it('ends when the client closes', async () => {
    const { ends, port } = await open();
    const client = stage.client(port);
    await client.call('whoami');
    await client.close();
    await until('the server was told', () => ends.length > 0);
    expect(ends.map(({ why }) => why)).toEqual(['client']);
  });
});

describe('a slow consumer', () => {
  const buffer = { queueBytes: 65_536, replayBytes: 65_536 };

  /** Sends a kilobyte per turn until the one session is given up; returns how many. */
  async function flood(server: Server<Fleet, undefined>): Promise<number> {
    let sent = 0;
    for (; server.peers.size > 0; sent += 1) {
      for (const peer of server.peers.values()) peer.send('alarm', alarm('x'.repeat(1_000)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    return sent;
  }

  it('that acknowledges nothing is cut with 4541 when both buffers are full, and its session is given up', async () => {
    const { server, ends, port } = await open({ buffer });
    const peer = await rawConnect({ port, path, protocol });
    peer.send(hello);
    await peer.next();
    const sent = await flood(server);
    expect(sent).toBeLessThan((2 * 65_536) / 1_000 + 1);
    expect(await peer.ended()).toBe(4541);
    expect(ends.map(({ why, outbound }) => [why, outbound.acked, outbound.unknown + outbound.unsent])).toEqual([
      ['overflow', 0, sent],
    ]);
    expect(server.peers.size).toBe(0);
  });

  it('that stops reading cannot keep its socket open', async () => {
    const { server, ends, port } = await open({ buffer });
    const peer = await rawConnect({ port, path, protocol });
    peer.answersClose = false;
    peer.send(hello);
    await peer.next();
    peer.socket.pause();
    await flood(server);
    expect(ends.map(({ why }) => why)).toEqual(['overflow']);
    await server.close();
    peer.socket.resume();
    await until('the server has let go', () => peer.gone);
  });

  it('holds nobody else up', async () => {
    const { server, port } = await open({ buffer });
    const slow = await rawConnect({ port, path, protocol });
    slow.send(hello);
    await slow.next();
    const client = stage.client(port);
    const heard: string[] = [];
    client.on('alarm', ({ text }) => heard.push(text.slice(0, 4).trim()));
    await client.connect();
    for (let n = 0; n < 200; n += 1) {
      server.broadcast('alarm', alarm(String(n).padEnd(1_000)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until('all arrived', () => heard.length === 200);
    expect(heard).toEqual(Array.from({ length: 200 }, (_, n) => String(n)));
    expect(await slow.ended()).toBe(4541);
    expect(server.peers.size).toBe(1);
  });
});

describe('bounds', () => {
  it('on sessions send further clients away for a while', async () => {
    const { server, port } = await open({ sessions: { count: 2 } });
    const [a, b] = [stage.client(port), stage.client(port)];
    await Promise.all([a.connect(), b.connect()]);
    const c = stage.client(port);
    void c.connect().catch(() => undefined);
    const state = await reaches(c, 'reconnecting');
    expect(state.error).toMatchObject({ code: 'UNAVAILABLE', data: { closeCode: 4503 }, retryAfter: 5_000 });
    expect(server.peers.size).toBe(2);
  });

  it('on sessions end the one away longest for a newcomer, and its client is told', async () => {
    const { server, ends, port } = await open({ sessions: { count: 2 } });
    const cable = await stage.cable(port);
    const [away, near] = [stage.client(cable.port), stage.client(port)];
    await away.connect();
    await near.connect();
    const [first, second] = [...server.peers.values()];
    const lost = new Promise((resolve) => away.onSessionLost(({ why }) => resolve(why)));
    cable.refuse();
    cable.rst();
    await until('the first is away', () => first?.connected === false);
    const newcomer = stage.client(port);
    await newcomer.connect();
    expect(ends).toMatchObject([{ why: 'overflow' }]);
    expect([...server.peers.keys()]).toEqual([second?.id, newcomer.sessionId]);
    await near.close();
    await until('there is room', () => server.peers.size === 1);
    await cable.accept();
    expect(await lost).toBe('overflow');
  });

  it('on what detached sessions hold end the one that was away longest', async () => {
    const { server, ends, port } = await open({ sessions: { detachedBytes: 5_000 } });
    const cable = await stage.cable(port);
    const away = [stage.client(cable.port), stage.client(cable.port)];
    await away[0]?.connect();
    await away[1]?.connect();
    const near = stage.client(port);
    await near.connect();
    const [first, second, third] = [...server.peers.values()];
    cable.refuse();
    cable.links[0]?.rst();
    await until('the first is away', () => first?.connected === false);
    cable.rst();
    await until('the second is away', () => second?.connected === false);
    for (let n = 0; n < 3; n += 1) {
      first?.send('alarm', alarm('x'.repeat(700)));
      second?.send('alarm', alarm('x'.repeat(700)));
      third?.send('alarm', alarm('x'.repeat(700)));
    }
    expect(ends).toEqual([]);
    second?.send('alarm', alarm('x'.repeat(700)));
    expect(ends).toHaveLength(1);
    expect(ends[0]).toMatchObject({ why: 'overflow', outbound: { unsent: 3 } });
    expect([...server.peers.values()].map((peer) => peer.id)).toEqual([second?.id, third?.id]);
    await cable.accept();
    await reaches(away[1]!, 'connected');
    expect(away[1]?.sessionId).toBe(second?.id);
  });

  it('on calls make further ones wait, then fail', async () => {
    let running = 0;
    let most = 0;
    const waiting: (() => void)[] = [];
    const server = createServer({
      contract: fleet,
      authenticate: 'none',
      runningHandlers: 2,
      limits: { inflight: 4 },
    }).implement({
      ...idleHandlers,
      whoami: async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise<void>((resolve) => waiting.push(resolve));
        running -= 1;
        return { user: 'x' };
      },
    });
    const client = stage.client(await stage.serve(server));
    await client.connect();
    const calls = Array.from({ length: 5 }, () => client.safeCall('whoami'));
    const last = await calls[4];
    expect(last?.ok === false && last.error.code).toBe('RATE_LIMITED');
    for (let n = 0; n < 4; n += 1) {
      await until('a handler runs', () => waiting.length > 0);
      waiting.shift()?.();
    }
    expect((await Promise.all(calls.slice(0, 4))).every((result) => result.ok)).toBe(true);
    expect(most).toBe(2);
  });
});

it('a session stays in the encoding it began in', async () => {
  const { server, port } = await open({ codecs: [jsonCodec, msgpackCodec] });
  const first = await rawConnect({ port, path, protocol });
  first.send(hello);
  const { sid, tok } = (JSON.parse(String(await first.next())) as [0, 0, [33, { sid: string; tok: string }]])[2][1];
  const resume = { sid, tok, n: 1, recv: 0, first: 1 };
  const lim = { frame: 262_144, msg: 262_144, inflight: 8 };
  const frame = msgpackCodec.encodeFrame([32, { v: 0, caps: [], lim, resume }]);
  const second = await rawConnect({ port, path, protocol: 'hawser.1.msgpack' });
  second.send(msgpackCodec.encodePacket(0, 0, [frame]));
  const answer = msgpackCodec.decode(await second.next()) as unknown[];
  expect(answer[2]).toMatchObject([33, { resumed: false, why: 'policy' }]);
  expect(server.peers.get(sid)?.connected).toBe(true);
  first.socket.destroy();
  second.socket.destroy();
});
