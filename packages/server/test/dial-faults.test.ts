// Faults before a link is up, over real sockets: reliability catalogue F15 to F22.
import type { lookup } from 'node:dns';
import type { DialInfo } from '@hawser/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Arena } from './support/arena.ts';
import { type ArenaClient, brief } from './support/arena-client.ts';
import { RawServer } from './support/raw-server.ts';
import { type Refusal, RefusingHttp } from './support/refusing-http.ts';
import { authority, type Certificate, startTls, type TlsServer } from './support/tls-server.ts';
import { until } from './support/until.ts';

let arena: Arena;

beforeEach(async () => {
  arena = await Arena.start();
});

afterEach(async () => {
  expect(await arena.stop()).toEqual([]);
});

/** Waits for so many failed tries. */
async function failed(client: ArenaClient, tries: number): Promise<void> {
  await client.reaches(`${tries} tries failed`, (state) => state.status === 'reconnecting' && state.attempt > tries);
}

describe('F15: nobody there', () => {
  test('refused, then back', async () => {
    arena.proxy.refuse();
    const a = arena.client();
    a.notes(3);
    await failed(a, 3);
    expect(a.errors[0]).toMatchObject({ code: 'UNAVAILABLE' });
    expect(a.errors[0]?.message).toMatch(/ECONNREFUSED 127\.0\.0\.1:\d+/);
    await arena.proxy.accept();
    await a.connected();
    await until('what was queued arrives', () => arena.from(a.client.sessionId).length === 3);
    expect(a.losses).toEqual([]);
  });

  type Answer = { code: string } | { address: string; family: number }[];

  /** Answers name look-ups in the given order, the last answer for ever. */
  function names(...answers: Answer[]): { lookup: typeof lookup; asked: string[] } {
    const asked: string[] = [];
    const answer = (host: string, options: { all?: boolean }, done: (...results: unknown[]) => void): void => {
      asked.push(host);
      const next = (answers.length > 1 ? answers.shift() : answers[0]) as Answer;
      setImmediate(() => {
        if (!Array.isArray(next)) {
          done(Object.assign(new Error(`getaddrinfo ${next.code} ${host}`), { code: next.code, hostname: host }));
        } else if (options.all === true) done(null, next);
        else done(null, next[0]?.address, next[0]?.family);
      });
    };
    return { lookup: answer as unknown as typeof lookup, asked };
  }

  test.each(['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'])('%s is told with the name, and passes', async (code) => {
    const { lookup, asked } = names({ code }, { code }, [{ address: '127.0.0.1', family: 4 }]);
    const a = arena.client({ socketOptions: { lookup } }, `ws://service.example:${arena.proxy.port}/ws`);
    await a.client.connect();
    expect(asked).toEqual(['service.example', 'service.example', 'service.example']);
    expect(a.errors[0]?.message).toContain(`${code} service.example`);
  });

  test('a dead address beside a living one costs nothing', async () => {
    const { lookup } = names([
      // Reserved for documentation: nobody answers there.
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ]);
    const a = arena.client({ socketOptions: { lookup } }, `ws://service.example:${arena.proxy.port}/ws`);
    await a.client.connect();
    expect(a.errors).toEqual([]);
  });

  test('an address that cannot be used is told', async () => {
    const a = arena.client({}, 'file:///etc/passwd');
    a.notes(1);
    await failed(a, 2);
    expect(a.errors[0]?.message).toContain('instead of file:');
  });
});

describe('F16 to F19, F21: an HTTP server that lets nobody in', () => {
  let http: RefusingHttp;

  afterEach(() => http.stop());

  async function dial(answers: Refusal[], options: Parameters<Arena['client']>[0] = {}): Promise<ArenaClient> {
    http = await RefusingHttp.start(...answers);
    const client = arena.client(options, http.url);
    client.notes(1);
    return client;
  }

  test('F16: after 401 a new credential is asked for once, then it waits for a sign-in', async () => {
    const asked: boolean[] = [];
    const a = await dial([{ status: 401 }], {
      auth: ({ refresh }: DialInfo) => {
        asked.push(refresh);
        return 'token';
      },
    });
    const state = await a.reaches('it waits', ({ status }) => status === 'suspended');
    expect(brief(state)).toMatchObject({ reason: 'unauthenticated', code: 'UNAUTHENTICATED' });
    expect(asked).toEqual([false, true]);
    expect(http.attempts.length).toBe(2);
  });

  test('F16: 403 is final', async () => {
    const a = await dial([{ status: 403 }]);
    const state = await a.reaches('it is closed', ({ status }) => status === 'closed');
    expect(brief(state)).toMatchObject({ reason: 'forbidden', code: 'FORBIDDEN' });
    expect(http.attempts.length).toBe(1);
    expect(() => a.notes(1)).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
  });

  test.each([429, 503])('F17: after %i with Retry-After nobody comes back sooner', async (status) => {
    const a = await dial([{ status, headers: { 'Retry-After': '1' } }, { status }]);
    await failed(a, 2);
    const [first = 0, second = 0] = http.attempts;
    expect(second - first).toBeGreaterThanOrEqual(1_000);
    expect(second - first).toBeLessThan(2_500);
    expect(a.errors[0]?.code).toBe(status === 429 ? 'RATE_LIMITED' : 'UNAVAILABLE');
  });

  test.each([502, 504])('F17: %i of a gateway passes', async (status) => {
    const a = await dial([{ status }]);
    await failed(a, 2);
    expect(a.errors[0]?.message).toContain(`HTTP ${status}`);
    expect(a.errors[0]?.message).not.toContain('not a WebSocket endpoint');
  });

  const foreign: [string, Refusal][] = [
    [
      '200 with a page',
      { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<h1>Welcome to the hotel</h1>' },
    ],
    ['301 to a login', { status: 301, headers: { Location: 'http://127.0.0.1:1/login' } }],
    ['302 to a captive portal', { status: 302, headers: { Location: 'http://portal.example/' } }],
    ['400', { status: 400 }],
    ['404', { status: 404 }],
  ];
  test.each(foreign)(
    'F18: %s is told as no WebSocket endpoint, and tried at the pace of the backoff',
    async (_name, answer) => {
      const a = await dial([answer], { reconnect: { minDelay: 60, maxDelay: 1 } });
      await failed(a, 4);
      expect(a.errors[0]?.message).toContain('not a WebSocket endpoint');
      const gaps = http.attempts.slice(1).map((at, i) => at - (http.attempts[i] ?? 0));
      // The first retry has a window of its own; the others keep the distance asked for.
      for (const gap of gaps.slice(1)) expect(gap).toBeGreaterThanOrEqual(55);
      expect(a.losses).toEqual([]);
    },
  );

  test.each(['wrong key', 'half', 'reset'] as const)('F18: %s passes', async (answer) => {
    const a = await dial([answer]);
    await failed(a, 3);
    expect(a.errors[0]?.code).toBe('UNAVAILABLE');
    await until('its sockets are gone', () => http.open === 0);
  });

  test.each(['nothing', 'half, silent'] as const)(
    'F19: an upgrade answered by %s ends with the connect timeout',
    async (answer) => {
      const a = await dial([answer], { reconnect: { connectTimeout: 120 } });
      await failed(a, 2);
      expect(a.errors[0]).toMatchObject({ code: 'TIMEOUT' });
      expect(a.errors[0]?.message).toContain('connectTimeout');
      const [first = 0, second = 0] = http.attempts;
      expect(second - first).toBeGreaterThanOrEqual(100);
      // The one that may be under way now.
      await until('the sockets given up are gone', () => http.open <= 1);
    },
  );

  test('F21: a sub-protocol that is not echoed is final, and the message says what was offered', async () => {
    const a = await dial(['no protocol']);
    const state = await a.reaches('it is closed', ({ status }) => status === 'closed');
    expect(brief(state)).toMatchObject({ reason: 'incompatible', code: 'CONTRACT_MISMATCH' });
    expect(http.attempts.length).toBe(1);
  });
});

describe('F21, F22: a WebSocket server that is none of ours', () => {
  let server: RawServer;

  beforeEach(async () => {
    server = await RawServer.start();
  });

  afterEach(() => server.stop());

  test('F21: another sub-protocol than the one offered is final', async () => {
    server.protocol = 'graphql-transport-ws';
    const a = arena.client({}, server.url);
    a.notes(1);
    const state = await a.reaches('it is closed', ({ status }) => status === 'closed');
    expect(brief(state)).toMatchObject({ reason: 'incompatible', code: 'CONTRACT_MISMATCH' });
    expect(a.losses).toEqual([]);
  });

  test('F22: silence after the opening ends with the welcome timeout', async () => {
    const a = arena.client({ reconnect: { welcomeTimeout: 120 } }, server.url);
    a.notes(1);
    const peer = await server.accept();
    expect(await peer.next()).toMatch(/^\[0,0,\[32,/);
    await failed(a, 2);
    expect(a.errors[0]).toMatchObject({ code: 'TIMEOUT' });
    expect(a.errors[0]?.message).toContain('welcomeTimeout');
    await until('the socket given up is gone', () => peer.gone);
  });
});

describe('F20: TLS', () => {
  let tls: TlsServer | undefined;

  afterEach(async () => {
    await tls?.stop();
    tls = undefined;
  });

  async function start(certificate: Certificate): Promise<string> {
    tls = await startTls(certificate);
    arena.server.attach(tls.source, { path: '/ws' });
    return `wss://localhost:${tls.port}/ws`;
  }

  test('a certificate that is trusted for this name connects', async () => {
    const a = arena.client({ socketOptions: { ca: authority } }, await start('good'));
    await a.client.connect();
    expect(await a.client.call('echo', { n: 1 })).toEqual({ n: 1 });
    expect(a.errors).toEqual([]);
    await a.close();
  });

  const untrusted: [string, Certificate, string | undefined, RegExp][] = [
    ['of an unknown authority', 'good', undefined, /unable to verify|local issuer/i],
    ['signed by itself', 'self-signed', authority, /self.signed/i],
    ['for another name', 'wrong-host', authority, /does not match|altnames/i],
    ['that has expired', 'expired', authority, /expired/i],
  ];
  test.each(untrusted)(
    'a certificate %s is told, and never tried faster than the backoff',
    async (_name, cert, ca, text) => {
      const url = await start(cert);
      const dials: number[] = [];
      const a = arena.client({
        url: () => {
          dials.push(performance.now());
          return url;
        },
        reconnect: { minDelay: 60, maxDelay: 1 },
        ...(ca === undefined ? {} : { socketOptions: { ca } }),
      });
      a.notes(1);
      await failed(a, 3);
      expect(a.errors[0]?.message).toMatch(text);
      for (const [i, at] of dials.entries()) if (i > 1) expect(at - (dials[i - 1] ?? 0)).toBeGreaterThanOrEqual(55);
      expect(arena.server.peers.size).toBe(0);
      await a.close();
    },
  );

  test('a server that speaks no TLS is told', async () => {
    const a = arena.client({}, `wss://127.0.0.1:${arena.proxy.port}/ws`);
    a.notes(1);
    await failed(a, 2);
    expect(a.errors[0]?.message).toMatch(/SSL|TLS|wrong version/i);
  });
});

test('F20: a cut inside the TLS handshake, at several places, passes', async () => {
  const tls = await startTls('good');
  arena.server.attach(tls.source, { path: '/ws' });
  const { FaultProxy } = await import('./support/fault-proxy.ts');
  const proxy = await FaultProxy.start({ target: tls.port });
  const cuts = [0, 1, 5, 100, 300, 600, 900];
  proxy.onLink((link) => {
    const bytes = cuts.shift();
    if (bytes !== undefined) link.down.cutAfter(bytes);
  });
  const a = arena.client({ socketOptions: { ca: authority } }, `wss://localhost:${proxy.port}/ws`);
  await a.client.connect();
  expect(cuts).toEqual([]);
  expect(proxy.opened).toBe(8);
  expect(await a.client.call('echo', { n: 1 })).toEqual({ n: 1 });
  await a.close();
  await proxy.close();
  await tls.stop();
});
