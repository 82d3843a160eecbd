import { createServer as createHttp } from 'node:http';
import type { Socket } from 'node:net';
import type { DialInfo, SystemCode } from '@hawser/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rawConnect } from '../test/support/raw-client.ts';
import { until } from '../test/support/until.ts';
import { createServer } from './create-server.ts';
import type { Authenticate, Identity } from './options.ts';
import type { RequestInfo } from './request-info.ts';
import { fleet, idleHandlers } from '../test/stage/fleet.ts';
import { reaches, Stage } from '../test/stage/stage.ts';

const hello = '[0,0,[32,{"v":0,"caps":[],"lim":{"frame":262144,"msg":262144,"inflight":8}}]]';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.strike());

/** A server that only authenticates, and what went wrong on it. */
async function gate(authenticate: Authenticate<Identity>, principal?: (auth: Identity) => string) {
  const server = createServer({
    contract: fleet,
    authenticate,
    ...(principal === undefined ? {} : { principal }),
  }).implement(idleHandlers);
  const problems: string[] = [];
  server.onProblem(({ name, error }) => problems.push(`${name}: ${String(error.cause ?? error)}`));
  return { server, problems, port: await stage.serve(server) };
}

describe('refuse', () => {
  it('UNAUTHENTICATED suspends the client after one new credential was refused as well', async () => {
    const asked: boolean[] = [];
    const { port } = await gate(({ refuse }) => refuse('UNAUTHENTICATED', 'the token has expired'));
    const client = stage.client(port, {
      auth: ({ refresh }: DialInfo) => {
        asked.push(refresh);
        return 'stale';
      },
    });
    await expect(client.connect()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(client.state).toMatchObject({ status: 'suspended', reason: 'unauthenticated' });
    expect(asked).toEqual([false, true]);
  });

  it('FORBIDDEN closes the client', async () => {
    const { port } = await gate(({ refuse }) => refuse('FORBIDDEN', 'banned'));
    const client = stage.client(port);
    await expect(client.connect()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(client.state).toMatchObject({ status: 'closed', reason: 'forbidden' });
  });

  it.each([
    ['RATE_LIMITED', 'RATE_LIMITED'],
    ['UNAVAILABLE', 'UNAVAILABLE'],
  ] as const)('%s lets the client come back later', async (code, seen: SystemCode) => {
    let tries = 0;
    const { port } = await gate(({ refuse }) => {
      tries += 1;
      return tries === 1 ? refuse(code, 'not now', 5) : { id: 1 };
    });
    const client = stage.client(port);
    const errors: (string | undefined)[] = [];
    client.onState((state) => 'error' in state && errors.push(state.error?.code));
    await client.connect();
    expect(errors[0]).toBe(seen);
    expect(tries).toBe(2);
  });
});

describe('authenticate', () => {
  it.each([[undefined], [null], [false]])('that returns %s has found nobody', async (nobody) => {
    const { port, server } = await gate((() => nobody) as unknown as Authenticate<Identity>);
    const client = stage.client(port);
    await expect(client.connect()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(server.peers.size).toBe(0);
  });

  it('that throws is a problem of the server: the client is told no details and comes back', async () => {
    let tries = 0;
    const { port, problems } = await gate(async () => {
      tries += 1;
      if (tries === 1) throw new Error('no connection to the user database at 10.0.0.7');
      return { id: 1 };
    });
    const client = stage.client(port);
    const told: string[] = [];
    client.onState((state) => 'error' in state && told.push(state.error?.message ?? ''));
    await client.connect();
    expect(problems).toEqual(['authenticate: Error: no connection to the user database at 10.0.0.7']);
    expect(told.join()).not.toContain('10.0.0.7');
  });

  it('may answer with any thenable', async () => {
    // Query builders look like this.
    // oxlint-disable-next-line unicorn/no-thenable
    const lazily = { then: (done: (auth: unknown) => void) => done({ user: 'ada' }) };
    const { port, server } = await gate((() => lazily) as unknown as Authenticate<Identity>);
    await stage.client(port).connect();
    expect([...server.peers.values()].map((peer) => peer.auth)).toEqual([{ user: 'ada' }]);
  });

  it('is told about the request', async () => {
    const seen: RequestInfo[] = [];
    const { port } = await gate(({ request }) => {
      seen.push(request);
      return { id: 1 };
    });
    const client = stage.client(port, {
      url: `ws://127.0.0.1:${port}/ws?ticket=42`,
      socketOptions: { headers: { authorization: 'Bearer x' }, origin: `http://127.0.0.1:${port}` },
    });
    await client.connect();
    expect(seen[0]).toMatchObject({
      url: '/ws?ticket=42',
      origin: `http://127.0.0.1:${port}`,
      clientCertificate: undefined,
    });
    expect(seen[0]?.headers.authorization).toBe('Bearer x');
    expect(seen[0]?.remoteAddress).toMatch(/127\.0\.0\.1$/);
  });

  it('is told the address of a client that went away meanwhile', async () => {
    const asked: (() => void)[] = [];
    const seen: (string | undefined)[] = [];
    const server = createServer({
      contract: fleet,
      authenticate: async ({ request, refuse }) => {
        await new Promise<void>((resolve) => asked.push(resolve));
        seen.push(request.remoteAddress);
        return refuse('UNAUTHENTICATED', 'a wrong guess');
      },
    }).implement(idleHandlers);
    stage.use(server);
    const http = createHttp();
    const sockets: Socket[] = [];
    http.on('connection', (socket: Socket) => sockets.push(socket));
    server.attach(http, { path: '/ws' });
    const raw = await rawConnect({ port: await stage.listen(http), path: '/ws', protocol: 'hawser.1.json' });
    raw.send(hello);
    await until('it is being asked about', () => asked.length === 1);
    raw.socket.resetAndDestroy();
    await until('it is gone', () => sockets[0]?.destroyed === true);
    asked[0]?.();
    await until('it was looked at', () => seen.length === 1);
    expect(seen[0]).toMatch(/127\.0\.0\.1$/);
  });

  it('is not waited for by a client that went away', async () => {
    const asked: ((auth: Identity) => void)[] = [];
    const { port, server } = await gate(() => new Promise((resolve) => asked.push(resolve)));
    const raw = await rawConnect({ port, path: '/ws', protocol: 'hawser.1.json' });
    raw.send(hello);
    await until('the first is being asked about', () => asked.length === 1);
    raw.socket.destroy();
    const connected = stage.client(port).connect();
    await until('the second is being asked about', () => asked.length === 2);
    asked[0]?.('first');
    asked[1]?.('second');
    await connected;
    expect([...server.peers.values()].map((peer) => peer.auth)).toEqual(['second']);
  });
});

describe('principal', () => {
  it('keeps a session from anybody else, even with its token', async () => {
    let auth = { user: 'ada' };
    const { port, server } = await gate(() => auth);
    const cable = await stage.cable(port);
    const client = stage.client(cable.port);
    const lost: string[] = [];
    client.onSessionLost(({ why }) => lost.push(why));
    await client.connect();
    auth = { user: 'eve' };
    cable.rst();
    await until('eve has a session of her own', () => server.peers.size === 2);
    await reaches(client, 'connected');
    expect(lost).toEqual(['principal']);
  });

  it('may leave out what changes with every token', async () => {
    let exp = 1;
    const { port, server } = await gate(
      () => ({ sub: 'ada', exp: exp++ }),
      (auth) => (auth as { sub: string }).sub,
    );
    const cable = await stage.cable(port);
    const client = stage.client(cable.port);
    await client.connect();
    const before = client.sessionId;
    cable.rst();
    await reaches(client, 'reconnecting');
    await reaches(client, 'connected');
    expect(client.sessionId).toBe(before);
    expect(server.peers.size).toBe(1);
  });

  it('that throws leaves no connection open', async () => {
    const { port, problems } = await gate(
      () => ({ id: 1 }),
      () => {
        throw new Error('no name');
      },
    );
    const raw = await rawConnect({ port, path: '/ws', protocol: 'hawser.1.json' });
    raw.send(hello);
    expect(await raw.ended()).toBe(4500);
    expect(problems).toEqual(['authenticate: Error: no name']);
  });
});
