// A client against a server that is out to hurt it, over real sockets and in both codecs: the other side of the hostile
// packets, and welcomes and rejects no good server would send. The client closes with the right code, says why in its
// state, throws nothing, and does not come back to who broke the protocol.
import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ArenaClient, brief } from './support/arena-client.ts';
import { badBlobs, badFrames, badPackets, badTexts } from './support/bad-packets.ts';
import { type Dialect, dialects } from './support/dialect.ts';
import { type ProcessFaults, watchProcess } from './support/process-faults.ts';
import { closePayload, Opcode } from './support/raw-frame.ts';
import { RawServer } from './support/raw-server.ts';
import { politeWelcome, RawSession } from './support/raw-session.ts';
import { type ResourceWatch, watchResources } from './support/resources.ts';
import { until } from './support/until.ts';

let resources: ResourceWatch;
let faults: ProcessFaults;
let server: RawServer;
let a: ArenaClient;

beforeEach(async () => {
  resources = watchResources();
  faults = watchProcess();
  server = await RawServer.start();
});

afterEach(async () => {
  expect(await a.close()).toEqual([]);
  await server.stop();
  await resources.done();
  faults.stop();
  expect(faults.found).toEqual([]);
});

/** A client that has dialled and said hello. */
async function dialled(
  dialect: Dialect,
  options: ConstructorParameters<typeof ArenaClient>[1] = {},
): Promise<RawSession> {
  a = new ArenaClient(server.url, { codec: dialect.codec, ...options });
  a.client.connect().catch(() => undefined);
  return greeted(dialect);
}

/** The next connection, after its hello. */
async function greeted(dialect: Dialect): Promise<RawSession> {
  const session = new RawSession(await server.accept(), dialect);
  await session.frame(32);
  return session;
}

/** A client that was welcomed. */
async function welcomed(dialect: Dialect): Promise<RawSession> {
  const session = await dialled(dialect);
  session.send([0, 0, [33, politeWelcome]]);
  await a.connected();
  return session;
}

const { note, refused, borne } = badPackets('server');

/** What becomes of a client that closed with this code. */
async function expectAfter(code: number, session: RawSession, dialect: Dialect): Promise<void> {
  expect(await session.peer.ended()).toBe(code);
  if (code === 4400 || code === 4413) {
    await until('it is closed', () => a.status === 'closed');
    expect(brief(a.client.state)).toMatchObject({ reason: 'protocol', retryable: false });
    expect(server.peers.length).toBe(1);
    return;
  }
  const again = new RawSession(await server.accept(), dialect);
  const [, hello] = (await again.frame(32)) as [32, { resume?: { sid: string; tok: string; n: number } }];
  expect(hello.resume).toMatchObject({ sid: politeWelcome.sid, tok: politeWelcome.tok, n: 1 });
}

describe.each(dialects)('$name, after the welcome', (dialect) => {
  test.each(refused)('%s -> %i', async (_name, code, ...packets) => {
    const session = await welcomed(dialect);
    session.send(...packets);
    await expectAfter(code as number, session, dialect);
    // Whatever was good before it may have been heard, nothing else.
    for (const n of a.inbox) expect(n).toBe(1);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test.each(borne)('%s -> nothing', async (_name, ...packets) => {
    const session = await welcomed(dialect);
    session.send(...packets);
    expect(await session.alive()).toBe(true);
    expect(a.status).toBe('connected');
  });

  test('a number sent twice is heard once', async () => {
    const session = await welcomed(dialect);
    session.send([1, 0, note(1), note(2)], [1, 0, note(1)], [2, 0, note(2), note(3)]);
    expect(await session.alive()).toBe(true);
    expect(a.inbox).toEqual([1, 2, 3]);
  });

  test('names and data against the contract reach no handler', async () => {
    const session = await welcomed(dialect);
    const names = ['toString', 'constructor', '__proto__', 'check', 'note'];
    session.send([
      1,
      0,
      ...names.map((name) => [1, name, { n: 1 }]),
      [1, 'news', { n: 'x' }],
      [2, 2, 'news', {}],
      [2, 4, 'check', {}],
    ]);
    expect((await session.frame(4)).slice(0, 3)).toEqual([4, 2, 'UNIMPLEMENTED']);
    expect(await session.alive()).toBe(true);
    expect(a.inbox).toEqual([]);
    expect(a.problems.map(({ kind, name }) => [kind, name])).toEqual([
      ...names.map((name) => ['unknown-name', name]),
      ['invalid-message', 'news'],
    ]);
  });

  test('1,000 calls that are never answered: 256 wait for their deadline, the others are refused here', async () => {
    const session = await welcomed(dialect);
    const calls = Array.from({ length: 1_000 }, () => a.client.safeCall('hold', undefined, { timeout: 300 }));
    const codes = (await Promise.all(calls)).map((result) => (result.ok ? 'ok' : result.error.code));
    expect(codes).toEqual(Array.from({ length: 1_000 }, (_, i) => (i < 256 ? 'TIMEOUT' : 'RATE_LIMITED')));
    expect(await session.alive()).toBe(true);
    expect(a.status).toBe('connected');
  });

  test('1,000 calls that the client never answers: 64 handlers run, and over 256 are refused', async () => {
    const session = await welcomed(dialect);
    const calls = Array.from({ length: 1_000 }, (_, i) => [2, 2 * i + 2, 'check', { n: -1 }]);
    for (let i = 0; i < calls.length; i += 100) session.send([i + 1, 0, ...calls.slice(i, i + 100)]);
    let refusals = 0;
    while (refusals < 744) {
      const [, , ...frames] = await session.read();
      refusals += (frames as unknown[][]).filter(([kind, , code]) => kind === 4 && code === 'RATE_LIMITED').length;
    }
    expect(a.inbox.length).toBe(64);
    // Cancelled, a handler that does not return still counts: no loop of calls and cancels runs more.
    const cancels = Array.from({ length: 256 }, (_, i) => [9, 2 * i + 2]);
    const more = Array.from({ length: 256 }, (_, i) => [2, 2_002 + 2 * i, 'check', { n: -1 }]);
    session.send([1_001, 0, ...cancels, ...more]);
    expect(await session.alive()).toBe(true);
    expect(a.inbox.length).toBe(64);
  });

  test('answers are data, whatever they look like', async () => {
    const session = await welcomed(dialect);
    const results = [
      { n: 1, then: 'later' },
      { n: 2, toJSON: 'x' },
      { n: 3, then: { n: 4 } },
    ];
    const calls = results.map((_, i) => a.client.call('echo', { n: i }));
    const [, id] = await session.frame(2);
    expect(id).toBe(1);
    session.send([1, 0, ...results.map((result, i) => [3, 2 * i + 1, result])]);
    expect(await Promise.all(calls)).toEqual(results);
  });

  test('errors are data, and what they claim about themselves is bounded', async () => {
    const session = await welcomed(dialect);
    const call = a.client.safeCall('echo', { n: 1 });
    await session.frame(2);
    session.send([1, 0, [4, 1, 'SOMETHING_NEW', 'x'.repeat(100_000), { stack: 'fake' }, -0]]);
    const answer = await call;
    expect(answer.ok).toBe(false);
    if (answer.ok) return;
    expect(answer.error.message.length).toBeLessThan(2_000);
    expect(answer.error.stack).not.toContain('fake');
  });

  test('an answer against the contract is an error of the call alone', async () => {
    const session = await welcomed(dialect);
    const call = a.client.safeCall('echo', { n: 1 });
    await session.frame(2);
    session.send([1, 0, [3, 1, { n: 'one' }]]);
    expect(await call).toMatchObject({ ok: false, error: { code: 'INVALID_OUTPUT', executed: 'yes' } });
    expect(await session.alive()).toBe(true);
  });

  test('a second answer, and one to a call that was given up, are late and not wrong', async () => {
    const session = await welcomed(dialect);
    const controller = new AbortController();
    const given = a.client.call('echo', { n: 1 }, { signal: controller.signal });
    const late = expect(given).rejects.toMatchObject({ name: 'AbortError' });
    await session.frame(2);
    controller.abort();
    await late;
    await session.frame(9);
    session.send([1, 0, [3, 1, { n: 1 }], [3, 1, { n: 1 }], [4, 1, 'INTERNAL', 'x']]);
    expect(await session.alive()).toBe(true);
  });

  test.each(badFrames(false))('%s -> %i', async (_name, code, frames) => {
    const session = await welcomed(dialect);
    session.peer.send(...frames);
    expect(await session.peer.ended()).toBe(code);
    await until('it is over', () => a.status !== 'connected');
    // Too large is the business of the poison guard; a server that cannot write frames will not learn it.
    if (code === 1009) expect(['reconnecting', 'connecting', 'connected']).toContain(a.status);
    else expect(brief(a.client.state)).toMatchObject({ status: 'closed', reason: 'protocol', retryable: false });
  });
});

test.each(dialects)('$name: no compression is offered, and none that is forced is accepted', async (dialect) => {
  const session = await welcomed(dialect);
  expect(session.peer.head.headers.get('sec-websocket-extensions')).toBeUndefined();
  // What a compressed message looks like: 60 bytes that would become 64 KiB.
  session.peer.send({ payload: deflateRawSync(Buffer.alloc(65_536, ' ')), opcode: Opcode.text, rsv: 4 });
  expect(await session.peer.ended()).toBe(1002);
});

test.each(badTexts)('json: %s -> 4400', async (_name, text) => {
  const [json] = dialects as [Dialect];
  const session = await welcomed(json);
  session.peer.send(text);
  await expectAfter(4400, session, json);
});

test.each(badBlobs)('msgpack: %s -> 4400', async (_name, bytes) => {
  const [, msgpack] = dialects as [Dialect, Dialect];
  const session = await welcomed(msgpack);
  session.peer.send(bytes);
  await expectAfter(4400, session, msgpack);
});

const notWelcome: readonly (readonly [name: string, ...packets: unknown[]])[] = [
  ['nothing', [0, 0]],
  ['null', null],
  ['a message', [1, 0, note(1)]],
  ['a ping', [0, 0, [35, 1]]],
  ['a hello', [0, 0, [32, { v: 0, caps: [], lim: politeWelcome.lim }]]],
  ['a welcome with company', [0, 0, [33, politeWelcome], [35, 1]]],
  ['a welcome without a body', [0, 0, [33]]],
  ['a welcome that is a list', [0, 0, [33, []]]],
  ['no session', [0, 0, [33, { ...politeWelcome, sid: undefined }]]],
  ['a session named by a number', [0, 0, [33, { ...politeWelcome, sid: 7 }]]],
  ['a session named at length', [0, 0, [33, { ...politeWelcome, sid: 's'.repeat(5_000) }]]],
  ['no token', [0, 0, [33, { ...politeWelcome, tok: '' }]]],
  ['resumed in words', [0, 0, [33, { ...politeWelcome, resumed: 'yes' }]]],
  ['a session resumed that was not asked for', [0, 0, [33, { ...politeWelcome, resumed: true }]]],
  ['more received than was sent', [0, 0, [33, { ...politeWelcome, recv: 1 }]]],
  ['a negative position', [0, 0, [33, { ...politeWelcome, recv: -1 }]]],
  ['no limits', [0, 0, [33, { ...politeWelcome, lim: undefined }]]],
  ['limits of nothing', [0, 0, [33, { ...politeWelcome, lim: { frame: 0, msg: 0, inflight: 0 } }]]],
  ['no heartbeat', [0, 0, [33, { ...politeWelcome, hb: null }]]],
  ['a heartbeat of 0', [0, 0, [33, { ...politeWelcome, hb: { every: 0, grace: 0 } }]]],
  ['a heartbeat without end', [0, 0, [33, { ...politeWelcome, hb: { every: 2 ** 40, grace: 1 } }]]],
  ['a spread without end', [0, 0, [33, { ...politeWelcome, spread: 2 ** 40 }]]],
  ['a reject with a broken code', [0, 0, [34, 'no', 'x']]],
  ['a reject with code 0', [0, 0, [34, 0, 'x']]],
];

describe.each(dialects)('$name, instead of the welcome', (dialect) => {
  test.each(notWelcome)('%s -> 4400, for good', async (_name, ...packets) => {
    const session = await dialled(dialect);
    session.send(...packets);
    await expectAfter(4400, session, dialect);
    expect(a.connections).toBe(0);
  });

  test('another session than the one to be resumed -> 4400, and the loss is told', async () => {
    const first = await welcomed(dialect);
    a.notes(3);
    await first.frame(1);
    first.peer.socket.resetAndDestroy();
    const second = await greeted(dialect);
    second.send([0, 0, [33, { ...politeWelcome, sid: 'another', resumed: true }]]);
    await until('it is closed', () => a.status === 'closed');
    expect(await second.peer.ended()).toBe(4400);
    expect(a.losses.map(({ why, outbound }) => [why, outbound.acked, outbound.unknown.length])).toEqual([
      ['closed', 0, 3],
    ]);
  });

  test.each([
    ['forgets what it had acknowledged', 0],
    ['acknowledges what was never sent', 9],
  ])('a server that %s -> 4400, and the loss is told', async (_name, recv) => {
    const first = await welcomed(dialect);
    a.notes(3);
    await first.frame(1);
    first.send([0, 2]);
    expect(await first.alive()).toBe(true);
    first.peer.socket.resetAndDestroy();
    const second = await greeted(dialect);
    second.send([0, 0, [33, { ...politeWelcome, resumed: true, recv }]]);
    await until('it is closed', () => a.status === 'closed');
    expect(await second.peer.ended()).toBe(4400);
    expect(a.losses.map(({ outbound }) => [outbound.acked, outbound.unknown.length])).toEqual([[2, 1]]);
  });
});

const [json] = dialects as [Dialect];

const rejects: readonly (readonly [code: number, status: string, details: object])[] = [
  [4400, 'closed', { reason: 'protocol' }],
  [4403, 'closed', { reason: 'forbidden' }],
  [4406, 'closed', { reason: 'incompatible' }],
  [4410, 'closed', { reason: 'server' }],
  [4413, 'closed', { reason: 'protocol' }],
  [4499, 'closed', {}],
  [4500, 'reconnecting', {}],
  [4503, 'reconnecting', {}],
  [4529, 'reconnecting', { code: 'RATE_LIMITED' }],
  [4599, 'reconnecting', {}],
  [1011, 'reconnecting', {}],
];
test.each(rejects)('a reject with %i -> %s', async (code, status, details) => {
  const session = await dialled(json, { reconnect: { minDelay: 60_000, maxDelay: 60_000 } });
  session.send([0, 0, [34, code, 'no\r\nX-Fake: line', { retryAfter: 60_000, url: 'ws://127.0.0.1:1/' }]]);
  const state = await a.reaches(
    'it knows',
    (now) => now.status === status && !('phase' in now && now.phase !== 'waiting'),
  );
  expect(brief(state)).toMatchObject(details);
  expect(a.errors[0]?.message).not.toContain('\n');
  expect(server.peers.length).toBe(1);
});

test('a reject with 4401 -> one more try with a new credential, then a sign-in is waited for', async () => {
  const asked: boolean[] = [];
  const first = await dialled(json, {
    auth: ({ refresh }: { refresh: boolean }) => {
      asked.push(refresh);
      return 'token';
    },
  });
  first.send([0, 0, [34, 4401, 'expired']]);
  const second = await greeted(json);
  second.send([0, 0, [34, 4401, 'expired']]);
  const state = await a.reaches('it waits', ({ status }) => status === 'suspended');
  expect(brief(state)).toMatchObject({ reason: 'unauthenticated', code: 'UNAUTHENTICATED' });
  expect(asked).toEqual([false, true]);
  expect(server.peers.length).toBe(2);
});

test('a server that closes in the middle of a welcome, again and again, is left in peace between the tries', async () => {
  a = new ArenaClient(server.url, { reconnect: { minDelay: 50, maxDelay: 1 } });
  a.client.connect().catch(() => undefined);
  const times: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    const session = await greeted(json);
    times.push(performance.now());
    const welcome = Buffer.from(json.write([0, 0, [33, politeWelcome]]));
    session.peer.send({ payload: welcome.subarray(0, 40), opcode: Opcode.text, fin: false });
    session.peer.socket.end();
  }
  for (const [i, at] of times.entries()) if (i > 1) expect(at - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(45);
  expect(a.connections).toBe(0);
});

test.each([
  [1000, 'closed'],
  [1001, 'reconnecting'],
  [1002, 'closed'],
  [1008, 'closed'],
  [1011, 'reconnecting'],
  [3999, 'closed'],
  [4000, 'closed'],
  [4400, 'closed'],
  [4409, 'closed'],
  [4410, 'closed'],
  [4512, 'reconnecting'],
  [4540, 'reconnecting'],
  [4599, 'reconnecting'],
])('a close with %i -> %s, with what was sent accounted for', async (code, status) => {
  const session = await welcomed(json);
  a.notes(2);
  await session.frame(1);
  session.peer.send({ opcode: Opcode.close, payload: closePayload(code, 'because\u2028of\u0000this') });
  await a.reaches(`it is ${status}`, (now) => now.status === status);
  const [loss] = a.losses;
  if (status === 'closed') expect(loss?.outbound.unknown.map(({ data }) => data)).toEqual([{ n: 1 }, { n: 2 }]);
  else expect(loss).toBeUndefined();
});
