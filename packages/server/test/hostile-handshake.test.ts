// Bad input before the welcome, over real sockets: reliability catalogue H08 to H10, H23, H25 to H27, S2 to S4, S12.
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { Arena, type ArenaServerOptions } from './support/arena.ts';
import { Bystander } from './support/bystander.ts';
import { dialects } from './support/dialect.ts';
import { rawConnect, type RawUpgrade, rawUpgrade } from './support/raw-client.ts';
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

const [json, msgpack] = dialects as [(typeof dialects)[0], (typeof dialects)[0]];
const protocol = json.codec.subprotocol;

describe('the upgrade', () => {
  /** Status of an upgrade; the connection is let go. */
  async function upgrade(options: Omit<RawUpgrade, 'port'>): Promise<number> {
    const answer = await rawUpgrade({ port: arena.port, path: '/ws', protocol, ...options });
    answer.peer?.socket.destroy();
    return answer.status;
  }

  test('H26: by default only pages of the same host may connect', async () => {
    await start();
    const host = `127.0.0.1:${arena.port}`;
    const statuses = async (...origins: (string | undefined)[]): Promise<number[]> =>
      Promise.all(origins.map((Origin) => upgrade({ headers: { Origin } })));
    expect(await statuses(undefined, `http://${host}`, `https://${host}`)).toEqual([101, 101, 101]);
    const foreign = [
      'null',
      '',
      'http://127.0.0.1',
      'http://127.0.0.1:1',
      `http://${host}.evil.example`,
      `http://evil.example/${host}`,
      `http://${host}@evil.example`,
      `http://evil.example#${host}`,
      `HTTP://${host}`,
      `http://${host}/`,
      host,
      'file://',
      'http://localhost',
      `http://2130706433:${arena.port}`,
      `http://127.1:${arena.port}`,
      `http://[::ffff:127.0.0.1]:${arena.port}`,
      'http://\u0131.example',
      'http://xn--.example',
      'about:blank',
      'javascript:alert(1)',
    ];
    expect(await statuses(...foreign)).toEqual(foreign.map(() => 403));
  });

  test('H26: with a list exactly those, in the spelling of browsers', async () => {
    await start({ allowedOrigins: ['https://app.example.com', 'https://xn--bcher-kva.example:8443'] });
    const statuses = async (...origins: string[]): Promise<number[]> =>
      Promise.all(origins.map((Origin) => upgrade({ headers: { Origin } })));
    expect(await statuses('https://app.example.com', 'https://xn--bcher-kva.example:8443')).toEqual([101, 101]);
    const foreign = [
      'null',
      'http://app.example.com',
      'https://app.example.com:444',
      'https://app.example.com.',
      'https://app.example.com.evil.org',
      'https://evil-app.example.com',
      'https://evil.org/https://app.example.com',
      'https://APP.example.com',
      'https://example.com',
      'https://sub.app.example.com',
      'https://app.example.com, https://evil.org',
      'https://b\u00fccher.example:8443',
      `http://127.0.0.1:${arena.port}`,
    ];
    expect(await statuses(...foreign)).toEqual(foreign.map(() => 403));
  });

  test('H27: floods of headers are refused and cost nobody anything', async () => {
    await start();
    const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`X-${i}`, 'y']));
    const floods: Omit<RawUpgrade, 'port'>[] = [
      { headers: { 'X-Long': 'x'.repeat(64 * 1024) } },
      { headers: many },
      { protocol: 'a,'.repeat(8_200) },
      { protocol: `${'p'.repeat(16_000)}` },
      { protocol: Array.from({ length: 1_500 }, (_, i) => `p${i}`).join(',') },
      { protocol: 'a,a' },
      { protocol: ',' },
      { protocol: '(' },
      { protocol: '"' },
      { headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate,'.repeat(700) } },
      { headers: { 'Sec-WebSocket-Extensions': `permessage-deflate${'; client_max_window_bits=99'.repeat(300)}` } },
      { headers: { 'Sec-WebSocket-Extensions': 'x;'.repeat(4_000) } },
      { headers: { 'Sec-WebSocket-Key': undefined } },
      { headers: { 'Sec-WebSocket-Key': 'short' } },
      { headers: { 'Sec-WebSocket-Key': 'x'.repeat(8_000) } },
      { headers: { 'Sec-WebSocket-Version': undefined } },
      { headers: { 'Sec-WebSocket-Version': '99' } },
      { headers: { Upgrade: 'h2c' } },
      { headers: { Host: '' } },
      { headers: { Host: 'a b c' } },
      { path: '/other' },
      { path: '/ws/../ws' },
      { path: '//ws' },
      { path: `/ws?${'q'.repeat(12_000)}` },
      { path: `/${'long/'.repeat(3_000)}` },
    ];
    for (const flood of floods) {
      const status = await upgrade(flood).catch((error: Error) => error.message);
      // Some are harmless and let in; none is an accident of the server.
      expect([101, 400, 403, 404, 405, 426, 431, 'The connection ended in the HTTP head, after 0 bytes.']).toContain(
        status,
      );
    }
    expect(arena.problems).toEqual([]);
  });

  test('a path of nobody is answered 404, a query belongs to no path', async () => {
    await start();
    expect(await upgrade({ path: '/' })).toBe(404);
    expect(await upgrade({ path: '/ws/' })).toBe(404);
    expect(await upgrade({ path: '/ws?ticket=1' })).toBe(101);
  });

  test.each([
    ['another version', 'hawser.2.json'],
    ['another protocol', 'graphql-transport-ws'],
    ['upper case', 'HAWSER.1.JSON'],
    ['none', undefined],
  ])('F21: the sub-protocol of %s is told with 4406', async (_name, other) => {
    await start();
    const peer = await rawConnect({
      port: arena.port,
      path: '/ws',
      ...(other === undefined ? {} : { protocol: other }),
    });
    expect(await peer.ended()).toBe(4406);
    expect(peer.frames.length).toBe(1);
  });

  test('of several sub-protocols the first one spoken is taken', async () => {
    await start();
    const peer = await rawConnect({
      port: arena.port,
      path: '/ws',
      protocol: `hawser.9.json, ${msgpack.codec.subprotocol}, ${protocol}`,
    });
    expect(peer.head.headers.get('sec-websocket-protocol')).toBe(msgpack.codec.subprotocol);
    peer.socket.destroy();
  });

  test('a hello that comes with the request is as good as a later one', async () => {
    await start();
    const hello = json.write([0, 0, [32, politeHello]]);
    const peer = await rawConnect({
      port: arena.port,
      path: '/ws',
      protocol,
      early: encodeFrame({ payload: hello }, true),
    });
    expect(await peer.next()).toMatch(/^\[0,0,\[33,/);
    peer.socket.destroy();
  });
});

describe('the hello', () => {
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
});

describe('resuming', () => {
  const resume = (sid: string, tok: string, n: number, recv = 0, first = 1) => ({
    resume: { sid, tok, n, recv, first },
  });

  test('H09: guessing does not find a session, and does not disturb it', async () => {
    await start();
    const { session: victim, welcome } = await RawSession.greet(arena.port, json, { auth: 'victim' });
    const { session: other, welcome: others } = await RawSession.greet(arena.port, json, { auth: 'victim' });
    const { sid, tok } = welcome;
    const guesses = [
      others.tok,
      tok.slice(0, -1),
      `${tok}x`,
      tok.toUpperCase() === tok ? tok.toLowerCase() : tok.toUpperCase(),
      [...tok].reverse().join(''),
      createHash('sha256').update(tok).digest('hex'),
      createHash('sha256').update(tok).digest('base64url'),
      sid,
      'undefined',
      'null',
      '0',
      ...Array.from({ length: 200 }, (_, i) => createHash('sha256').update(`guess ${i}`).digest('base64url')),
    ];
    for (let i = 0; i < guesses.length; i += 20) {
      await Promise.all(
        guesses.slice(i, i + 20).map(async (guess) => {
          const { session, welcome } = await RawSession.greet(arena.port, json, {
            auth: 'victim',
            ...resume(sid, guess, 99),
          });
          expect(welcome).toMatchObject({ resumed: false, why: 'unknown' });
          expect(welcome.sid).not.toBe(sid);
          session.peer.close(1000);
          await session.peer.ended();
        }),
      );
    }
    // The same answer for a session that never was.
    const { session, welcome: never } = await RawSession.greet(arena.port, json, {
      auth: 'victim',
      ...resume('no-such-id', tok, 1),
    });
    expect(never).toMatchObject({ resumed: false, why: 'unknown' });
    expect(await victim.alive()).toBe(true);
    expect(await other.alive()).toBe(true);
    // The owner still gets in with the attempt number the guesses went past.
    const { session: back, welcome: again } = await RawSession.greet(arena.port, json, {
      auth: 'victim',
      ...resume(sid, tok, 1),
    });
    expect(again).toMatchObject({ resumed: true, sid });
    expect(await victim.peer.ended()).toBe(4409);
    for (const { peer } of [session, other, back]) peer.socket.destroy();
  });

  test('H09: the right token of the wrong user is refused, and the session unharmed', async () => {
    await start();
    const { session: victim, welcome } = await RawSession.greet(arena.port, json, { auth: 'victim' });
    const { session: thief, welcome: stolen } = await RawSession.greet(arena.port, json, {
      auth: 'thief',
      ...resume(welcome.sid, welcome.tok, 1),
    });
    expect(stolen).toMatchObject({ resumed: false, why: 'principal' });
    expect(await victim.alive()).toBe(true);
    const { session: back, welcome: again } = await RawSession.greet(arena.port, json, {
      auth: 'victim',
      ...resume(welcome.sid, welcome.tok, 1),
    });
    expect(again).toMatchObject({ resumed: true, sid: welcome.sid });
    for (const { peer } of [thief, back]) peer.socket.destroy();
  });

  test('an old token dies when a newer one was used, and not before', async () => {
    await start();
    const { welcome: w0 } = await RawSession.greet(arena.port, json);
    const { sid } = w0;
    const attempt = async (
      tok: string,
      n: number,
    ): Promise<{ welcome: Awaited<ReturnType<typeof RawSession.greet>>['welcome'] }> => {
      const { session, welcome } = await RawSession.greet(arena.port, json, resume(sid, tok, n));
      session.peer.socket.destroy();
      return { welcome };
    };
    const { welcome: w1 } = await attempt(w0.tok, 1);
    expect(w1.resumed).toBe(true);
    expect(w1.tok).not.toBe(w0.tok);
    // Its welcome may have been lost, so the client may come with the old one again; and again.
    expect((await attempt(w0.tok, 2)).welcome.resumed).toBe(true);
    const { welcome: w3 } = await attempt(w0.tok, 3);
    expect(w3.resumed).toBe(true);
    // The token of a welcome that was followed by another is not the newest any more.
    expect((await attempt(w1.tok, 4)).welcome).toMatchObject({ resumed: false, why: 'unknown' });
    expect((await attempt(w3.tok, 4)).welcome.resumed).toBe(true);
    expect((await attempt(w0.tok, 5)).welcome).toMatchObject({ resumed: false, why: 'unknown' });
  });

  test('positions that cannot be are refused, and the session unharmed', async () => {
    await start();
    const { session: victim, welcome } = await RawSession.greet(arena.port, json);
    const { sid, tok } = welcome;
    const impossible = [
      [1, 1],
      [Number.MAX_SAFE_INTEGER, 1],
      [0, 5],
      [0, Number.MAX_SAFE_INTEGER],
    ] as const;
    for (const [recv, first] of impossible) {
      const { session, welcome: refused } = await RawSession.greet(arena.port, json, resume(sid, tok, 7, recv, first));
      expect(refused).toMatchObject({ resumed: false, why: 'overflow' });
      session.peer.socket.destroy();
    }
    expect(await victim.alive()).toBe(true);
    victim.peer.socket.destroy();
  });

  test('H10: of many sockets that resume with the same number exactly one wins', async () => {
    await start();
    const { session: first, welcome } = await RawSession.greet(arena.port, json);
    const sockets = await Promise.all(Array.from({ length: 40 }, () => RawSession.open(arena.port, json)));
    for (const socket of sockets) socket.send([0, 0, [32, { ...politeHello, ...resume(welcome.sid, welcome.tok, 1) }]]);
    await until('all are answered', () => sockets.every(({ peer }) => peer.frames.length > 0));
    const winners = sockets.filter(({ peer }) => peer.texts.length > 0);
    expect(winners.length).toBe(1);
    expect(await winners[0]?.alive()).toBe(true);
    expect(await first.peer.ended()).toBe(4409);
    const losers = await Promise.all(sockets.filter((socket) => socket !== winners[0]).map(({ peer }) => peer.ended()));
    expect(losers).toEqual(losers.map(() => 4409));
    // A number that was passed does not come back either.
    for (const n of [0, 1]) {
      const late = await RawSession.open(arena.port, json);
      late.send([0, 0, [32, { ...politeHello, ...resume(welcome.sid, welcome.tok, n) }]]);
      expect(await late.peer.ended()).toBe(4409);
      expect(late.peer.texts).toEqual([]);
    }
    expect(await winners[0]?.alive()).toBe(true);
    winners[0]?.peer.socket.destroy();
  });

  test('H10: with growing numbers the last one has the session, and nothing is heard from the others', async () => {
    await start();
    const { session: first, welcome } = await RawSession.greet(arena.port, json);
    first.send([1, 0, [1, 'note', { n: 1 }]]);
    expect(await first.alive()).toBe(true);
    let { tok } = welcome;
    const all = [first];
    for (let n = 1; n <= 20; n += 1) {
      const { session, welcome: next } = await RawSession.greet(arena.port, json, resume(welcome.sid, tok, n));
      expect(next).toMatchObject({ resumed: true, sid: welcome.sid, recv: n });
      tok = next.tok;
      // The one before tries to go on.
      all.at(-1)?.send([n + 1, 0, [1, 'note', { n: 1_000 + n }]]);
      session.send([n + 1, 0, [1, 'note', { n: n + 1 }]]);
      expect(await session.alive()).toBe(true);
      expect(await all.at(-1)?.peer.ended()).toBe(4409);
      all.push(session);
    }
    expect(arena.from(welcome.sid)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
    for (const { peer } of all) peer.socket.destroy();
  });
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
