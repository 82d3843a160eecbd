// Bad input between the upgrade and the welcome, over real sockets: reliability catalogue H08, H23, H25, S3, S12.
import { afterEach, expect, test } from 'vitest';
import { Arena, type ArenaServerOptions } from './support/arena.ts';
import { Bystander } from './support/bystander.ts';
import { dialects } from './support/dialect.ts';
import { rawConnect, rawUpgrade } from './support/raw-client.ts';
import { encodeFrame } from './support/raw-frame.ts';
import { politeHello, RawSession } from './support/raw-session.ts';
import { pace } from './support/soak/pace.ts';
import { until } from './support/until.ts';

let arena: Arena;
let bystander: Bystander;

async function start(options: ArenaServerOptions = {}): Promise<void> {
  arena = await Arena.start({ codecs: dialects.map(({ codec }) => codec), ...options });
  bystander = await Bystander.start(arena);
}

afterEach(async () => {
  expect(await bystander.stop()).toEqual([]);
  expect(await arena.stop()).toEqual([]);
});

const [json] = dialects as [(typeof dialects)[0]];
const protocol = json.codec.subprotocol;

const wrong: readonly (readonly [name: string, code: number, packet: unknown])[] = [
  ['a message first', 4400, [1, 0, [1, 'note', { n: 1 }]]],
  ['a request first', 4400, [1, 0, [2, 1, 'echo', { n: 1 }]]],
  ['a ping first', 4400, [0, 0, [35, 1]]],
  ['nothing first', 4400, [0, 0]],
  ['null', 4400, null],
  ['a welcome', 4400, [0, 0, [33, politeHello]]],
  ['a hello with company', 4400, [0, 0, [32, politeHello], [35, 1]]],
  ['two hellos', 4400, [0, 0, [32, politeHello], [32, politeHello]]],
  ['a hello without a body', 4400, [0, 0, [32]]],
  ['a hello that is a list', 4400, [0, 0, [32, []]]],
  ['no version', 4400, [0, 0, [32, { ...politeHello, v: undefined }]]],
  ['a broken version', 4400, [0, 0, [32, { ...politeHello, v: '0' }]]],
  ['no limits', 4400, [0, 0, [32, { ...politeHello, lim: null }]]],
  ['a limit of nothing', 4400, [0, 0, [32, { ...politeHello, lim: { frame: 0, msg: 0, inflight: 0 } }]]],
  ['a negative limit', 4400, [0, 0, [32, { ...politeHello, lim: { frame: -1, msg: 1e6, inflight: 1 } }]]],
  ['capabilities that are a text', 4400, [0, 0, [32, { ...politeHello, caps: 'all' }]]],
  ['10,000 capabilities', 4400, [0, 0, [32, { ...politeHello, caps: Array.from({ length: 3_000 }, () => 'c') }]]],
  ['a contract that is a number', 4400, [0, 0, [32, { ...politeHello, contract: 1 }]]],
  ['another contract', 4406, [0, 0, [32, { ...politeHello, contract: 'acme.fleet/1' }]]],
  ['a resume of nothing', 4400, [0, 0, [32, { ...politeHello, resume: {} }]]],
  [
    'a resume with broken numbers',
    4400,
    [0, 0, [32, { ...politeHello, resume: { sid: 'x', tok: 'y', n: -1, recv: 0, first: 1 } }]],
  ],
  [
    'a resume without a token',
    4400,
    [0, 0, [32, { ...politeHello, resume: { sid: 'x', tok: '', n: 1, recv: 0, first: 1 } }]],
  ],
  [
    'prototype keys',
    4400,
    [0, 0, [32, { ...politeHello, auth: JSON.parse('{"__proto__":{"admin":true}}') as unknown }]],
  ],
  ['H25: 16 KiB of credentials', 4413, [0, 0, [32, { ...politeHello, auth: 'x'.repeat(16_385) }]]],
  [
    'H09: a token of 200,000 bytes',
    4413,
    [0, 0, [32, { ...politeHello, resume: { sid: 'x', tok: 't'.repeat(200_000), n: 1, recv: 0, first: 1 } }]],
  ],
];
test.each(dialects)(
  'H08 $name: anything but a good hello ends the connection and leaves no session',
  async (dialect) => {
    await start();
    for (const [name, code, packet] of wrong) {
      const session = await RawSession.open(arena.port, dialect);
      session.send(packet);
      expect([name, await session.peer.ended()]).toEqual([name, code]);
    }
    expect(arena.server.peers.size).toBe(1);
    expect(arena.problems).toEqual([]);
  },
);

test('a refusal says why before it closes, and says nothing of the inside', async () => {
  const secret = 'postgres://root:hunter2@db';
  await start({
    authenticate: ({ auth, refuse }) => {
      if (auth === 'bystander') return { user: 'bystander' };
      if (auth === 'throw') throw new Error(secret);
      if (auth === 'reject') return Promise.reject(new Error(secret));
      if (auth === 'nothing') return undefined as never;
      if (auth === 'null') return Promise.resolve(null as never);
      return refuse(auth as 'FORBIDDEN', 'not you', 1_234);
    },
  });
  const seen: unknown[] = [];
  for (const auth of [
    'UNAUTHENTICATED',
    'FORBIDDEN',
    'RATE_LIMITED',
    'UNAVAILABLE',
    'throw',
    'reject',
    'nothing',
    'null',
  ]) {
    const session = await RawSession.open(arena.port, json);
    session.send([0, 0, [32, { ...politeHello, auth }]]);
    const [, , frame] = (await session.read()) as [0, 0, [34, number, string, unknown]];
    const ended = await session.peer.ended();
    expect(JSON.stringify(frame) + session.peer.closeFrame?.reason).not.toMatch(/hunter2|postgres/);
    seen.push([auth, frame[0], frame[1], ended]);
  }
  expect(seen).toEqual([
    ['UNAUTHENTICATED', 34, 4401, 4401],
    ['FORBIDDEN', 34, 4403, 4403],
    ['RATE_LIMITED', 34, 4529, 4529],
    ['UNAVAILABLE', 34, 4503, 4503],
    ['throw', 34, 4500, 4500],
    ['reject', 34, 4500, 4500],
    ['nothing', 34, 4401, 4401],
    ['null', 34, 4401, 4401],
  ]);
  // The operator learns of the two that were the hook's fault.
  expect(arena.problems.map(({ kind }) => kind)).toEqual(['handler-error', 'handler-error']);
});

test('H23, H25: who says nothing, and who says it a byte at a time, is sent away in time', async () => {
  await start({ helloTimeout: 250 });
  const silent = await RawSession.open(arena.port, json);
  const slow = await RawSession.open(arena.port, json);
  const opened = performance.now();
  const bytes = [
    ...encodeFrame({ payload: json.write([0, 0, [32, { ...politeHello, auth: 'x'.repeat(1_000) }]]) }, true),
  ];
  const stop = pace(100, () => slow.peer.socket.write(Buffer.from(bytes.splice(0, 1))));
  expect(await silent.peer.ended()).toBe(4508);
  expect(await slow.peer.ended()).toBe(4508);
  stop();
  const took = performance.now() - opened;
  expect(took).toBeGreaterThan(200);
  expect(took).toBeLessThan(1_500);
  expect(bytes.length).toBeGreaterThan(500);
  slow.peer.socket.destroy();
});

test('S12: no more than so many may be undecided at once', async () => {
  await start({ greetings: 5 });
  const undecided = await Promise.all(Array.from({ length: 5 }, () => RawSession.open(arena.port, json)));
  const sixth = await rawUpgrade({ port: arena.port, path: '/ws', protocol });
  expect([sixth.status, sixth.headers.get('retry-after')]).toEqual([503, '1']);
  undecided[0]?.peer.socket.destroy();
  await until('there is room again', () => undecided[0]?.peer.gone === true);
  const { session, welcome } = await eventually(() => RawSession.greet(arena.port, json));
  expect(welcome.resumed).toBe(false);
  for (const { peer } of [session, ...undecided]) peer.socket.destroy();
});

test('S3: nothing is heard while the credential is looked at, and leaving meanwhile is no accident', async () => {
  const waiting: (() => void)[] = [];
  await start({
    authenticate: ({ auth }) =>
      auth === 'bystander'
        ? { user: 'bystander' }
        : new Promise((resolve) => {
            waiting.push(() => resolve({ user: 'slow' }));
          }),
  });
  const hasty = await RawSession.open(arena.port, json);
  hasty.send([0, 0, [32, politeHello]], [1, 0, [1, 'note', { n: 1 }]]);
  expect(await hasty.peer.ended()).toBe(4400);
  const gone = await RawSession.open(arena.port, json);
  gone.send([0, 0, [32, politeHello]]);
  await until('both are being looked at', () => waiting.length === 2);
  gone.peer.socket.resetAndDestroy();
  const other = await rawConnect({ port: arena.port, path: '/ws', protocol });
  other.socket.destroy();
  for (const decide of waiting) decide();
  expect(await hasty.peer.ended()).toBe(4400);
  expect(arena.server.peers.size).toBe(1);
  expect([...arena.delivered.keys()].length).toBeLessThanOrEqual(1);
});

/** Tries until it works; for things that happen on the server a moment later. */
async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = 50; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}
