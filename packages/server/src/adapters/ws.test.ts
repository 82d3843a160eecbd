import { createServer as createHttp } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { msgpackCodec } from '@hawser/core/msgpack';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { rawConnect, rawUpgrade } from '../../test/support/raw-client.ts';
import { Opcode } from '../../test/support/raw-frame.ts';
import { until } from '../../test/support/until.ts';
import { createServer } from '../create-server.ts';
import { jsonCodec } from '../index.ts';
import type { ServerOptions } from '../options.ts';
import type { Server } from '../server-surface.ts';
import { fleet, idleHandlers, type Fleet } from '../../test/stage/fleet.ts';
import { reaches, Stage } from '../../test/stage/stage.ts';
import type { AdapterHost } from './adapter.ts';
import { chooseSubprotocol, WsAdapter } from './ws.ts';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.strike());

const protocol = 'hawser.1.json';
type Options = Omit<ServerOptions<Fleet, never>, 'contract' | 'authenticate' | 'principal'>;

function open(options: Options = {}): Server<Fleet, undefined> {
  return createServer({ contract: fleet, authenticate: 'none', ...options }).implement(idleHandlers);
}

describe('paths', () => {
  it('are compared exactly and without the query', async () => {
    const port = await stage.serve(open());
    const status = async (path: string): Promise<number> => {
      const answer = await rawUpgrade({ port, path, protocol });
      answer.peer?.socket.destroy();
      return answer.status;
    };
    expect(await status('/ws')).toBe(101);
    expect(await status('/ws?ticket=1')).toBe(101);
    for (const path of ['/', '/ws/', '/WS', '/ws2', '/x/ws', '//ws', '/%77s', '/?/ws']) {
      expect([path, await status(path)]).toEqual([path, 404]);
    }
  });

  it('may begin anywhere, in the spelling browsers use', async () => {
    const server = stage.use(open());
    const http = createHttp();
    const port = await stage.listen(http);
    server.attach(http);
    server.attach(http, { path: '/größe' });
    for (const path of ['/', '/gr%C3%B6%C3%9Fe']) {
      const peer = await rawConnect({ port, path, protocol });
      peer.socket.destroy();
    }
    for (const path of ['ws', '', '//ws', '/ws?x', '/ws#x', 42]) {
      expect(() => server.attach(http, { path: path as string })).toThrow(
        `\`path\` is ${JSON.stringify(path)}; it takes`,
      );
    }
    // @ts-expect-error not an HTTP server
    expect(() => server.attach(undefined)).toThrow('`attach` takes a Node HTTP or HTTPS server');
  });

  it('of two servers on one HTTP server lead to each', async () => {
    const http = createHttp();
    const port = await stage.listen(http);
    const [a, b] = ['a', 'b'].map((user) =>
      stage.use(
        createServer({ contract: fleet, authenticate: 'none' }).implement({
          ...idleHandlers,
          whoami: () => ({ user }),
        }),
      ),
    );
    a?.attach(http, { path: '/a' });
    b?.attach(http, { path: '/b' });
    expect(http.listenerCount('upgrade')).toBe(1);
    expect(() => b?.attach(http, { path: '/a' })).toThrow('"/a" of this HTTP server is attached already');
    const users = ['/a', '/b'].map((path) =>
      stage.client(port, { url: `ws://127.0.0.1:${port}${path}` }).call('whoami'),
    );
    expect(await Promise.all(users)).toEqual([{ user: 'a' }, { user: 'b' }]);
  });

  it('are given up by detaching, and can be taken again', async () => {
    const server = stage.use(open());
    const http = createHttp();
    const port = await stage.listen(http);
    const detach = server.attach(http, { path: '/ws' });
    const client = stage.client(port);
    await client.connect();
    detach();
    detach();
    expect(http.listenerCount('upgrade')).toBe(0);
    expect(await client.call('whoami')).toEqual({ user: 'nobody' });
    server.attach(http, { path: '/ws' });
    detach();
    expect(http.listenerCount('upgrade')).toBe(1);
  });

  it('of others are left to others', async () => {
    const server = stage.use(open());
    const http = createHttp();
    const port = await stage.listen(http);
    server.attach(http, { path: '/ws' });
    const other = new WebSocketServer({ noServer: true });
    http.on('upgrade', (request, socket, head) => {
      if (request.url !== '/other') return;
      other.handleUpgrade(request, socket, head, (open) => open.close(4000, 'the other one'));
    });
    const peer = await rawConnect({ port, path: '/other' });
    expect(await peer.ended()).toBe(4000);
  });
});

describe('sub-protocols', () => {
  it('are the first of the client that is spoken', () => {
    expect(chooseSubprotocol(['a', 'hawser.1.msgpack', 'hawser.1.json'], ['hawser.1.json', 'hawser.1.msgpack'])).toBe(
      'hawser.1.msgpack',
    );
    expect(chooseSubprotocol(['a', 'b'], ['hawser.1.json'])).toBe('a');
    expect(chooseSubprotocol([], ['hawser.1.json'])).toBe(false);
  });

  it('that are not spoken here end a client for good, and say why', async () => {
    const port = await stage.serve(open());
    const client = stage.client(port, { codec: msgpackCodec });
    await expect(client.connect()).rejects.toMatchObject({ code: 'CONTRACT_MISMATCH', data: { closeCode: 4406 } });
    expect(client.state).toMatchObject({ status: 'closed', reason: 'incompatible' });
    expect(client.state.status === 'closed' && client.state.error?.message).toContain('speak hawser.1.json');
  });

  it.each([['graphql-ws'], [undefined]])('of strangers (%s) are closed with 4406', async (offered) => {
    const port = await stage.serve(open({ codecs: [jsonCodec, msgpackCodec] }));
    const peer = await rawConnect({ port, path: '/ws', ...(offered === undefined ? {} : { protocol: offered }) });
    expect(peer.head.headers.get('sec-websocket-protocol')).toBe(offered);
    expect(await peer.ended()).toBe(4406);
    expect(peer.closeFrame?.reason).toBe('speak hawser.1.json or hawser.1.msgpack');
  });
});

describe('origins', () => {
  it.each([
    [(port: number) => `http://127.0.0.1:${port}`, 101],
    [() => undefined, 101],
    [() => 'null', 403],
    [() => 'http://127.0.0.1', 403],
    [(port: number) => `http://127.0.0.1:${port}.evil.org`, 403],
  ])('%s get %i', async (origin, status) => {
    const port = await stage.serve(open());
    const answer = await rawUpgrade({ port, path: '/ws', protocol, headers: { Origin: origin(port) } });
    expect(answer.status).toBe(status);
    answer.peer?.socket.destroy();
  });

  it('that are listed may come, others are told so', async () => {
    const port = await stage.serve(open({ allowedOrigins: ['https://app.example.com'] }));
    const listed = await rawUpgrade({ port, path: '/ws', protocol, headers: { Origin: 'https://app.example.com' } });
    expect(listed.status).toBe(101);
    listed.peer?.socket.destroy();
    const client = stage.client(port, { socketOptions: { origin: `http://127.0.0.1:${port}` } });
    await expect(client.connect()).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('upgrades', () => {
  it.each([
    ['without a key', { 'Sec-WebSocket-Key': undefined }, 400],
    ['with a broken key', { 'Sec-WebSocket-Key': 'x' }, 400],
    ['of an unknown version', { 'Sec-WebSocket-Version': '7' }, 400],
    ['to something else', { Upgrade: 'h2c' }, 400],
    ['with a broken list of sub-protocols', { 'Sec-WebSocket-Protocol': 'a,,b' }, 400],
  ])('%s are answered', async (_, headers, status) => {
    const port = await stage.serve(open());
    const answer = await rawUpgrade({ port, path: '/ws', protocol, headers });
    expect(answer.status).toBe(status);
    expect(answer.body).not.toBe('');
  });

  it('without an ear for the answer harm nobody', async () => {
    const port = await stage.serve(open());
    const request = (path: string, origin: string): string =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nOrigin: ${origin}\r\n\r\n`;
    for (const text of [request('/ws', 'http://x'), request('/ws', 'null'), request('/404', 'http://x')]) {
      const reset = connect(port, '127.0.0.1', () => reset.write(text, () => reset.resetAndDestroy()));
      const half = connect(port, '127.0.0.1', () => half.end(text));
      half.on('error', () => undefined);
      half.resume();
      await until('both are gone', () => reset.destroyed && half.destroyed);
    }
    expect(await stage.client(port).call('whoami')).toEqual({ user: 'nobody' });
  });

  it('that are refused leave no socket open, even if the other end never lets go', async () => {
    const server = stage.use(open());
    const http = createHttp();
    const port = await stage.listen(http);
    server.attach(http, { path: '/ws' });
    const opened: Duplex[] = [];
    http.on('connection', (socket: Duplex) => opened.push(socket));
    const holding = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    holding.on('error', () => undefined);
    holding.resume();
    holding.write('GET /else HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await until('the server has let go', () => opened.length === 1 && opened[0]?.destroyed === true);
    holding.destroy();
  });

  it('beyond the connections that may be set up get 503', async () => {
    const port = await stage.serve(open({ greetings: 2 }));
    const first = await rawConnect({ port, path: '/ws', protocol });
    const second = await rawConnect({ port, path: '/ws', protocol });
    const third = await rawUpgrade({ port, path: '/ws', protocol });
    expect([third.status, third.headers.get('retry-after')]).toEqual([503, '1']);
    first.socket.destroy();
    const client = stage.client(port);
    await client.connect();
    second.socket.destroy();
  });

  it('while the server closes, and after, get 503', async () => {
    const server = open();
    const port = await stage.serve(server);
    const closing = server.close();
    const during = await rawUpgrade({ port, path: '/ws', protocol });
    await closing;
    const after = await rawUpgrade({ port, path: '/ws', protocol });
    expect([during.status, during.body.trim(), after.status]).toEqual([503, 'The server is shutting down.', 503]);
  });
});

describe('limits', () => {
  const hello = '[0,0,[32,{"v":0,"caps":[],"lim":{"frame":262144,"msg":262144,"inflight":8}}]]';

  it.each([
    ['as much as a packet may have', 0, 4400],
    ['one byte more', 1, 1009],
  ])('of a message: %s', async (_, more, code) => {
    const port = await stage.serve(open({ limits: { frame: 32_768 } }));
    const peer = await rawConnect({ port, path: '/ws', protocol });
    peer.send(hello);
    await peer.next();
    peer.send('x'.repeat(32_768 + more));
    expect(await peer.ended()).toBe(code);
  });

  it('of a packet smaller than a hello still let the hello in', async () => {
    const port = await stage.serve(open({ limits: { frame: 2_048 } }));
    expect(await stage.client(port, { auth: 'x'.repeat(8_000) }).call('whoami')).toEqual({ user: 'nobody' });
  });

  it.each([
    [1_024, '33'],
    [1_025, 'closed with 1008'],
  ])('of pieces: %i', async (pieces, outcome) => {
    const port = await stage.serve(open());
    const peer = await rawConnect({ port, path: '/ws', protocol });
    const padding = Array.from({ length: pieces - 1 }, () => ({
      opcode: Opcode.continuation,
      fin: false,
      payload: ' ',
    }));
    peer.send({ opcode: Opcode.text, fin: false, payload: hello.slice(0, -1) }, ...padding.slice(1), {
      opcode: Opcode.continuation,
      payload: ']',
    });
    if (outcome === '33') expect(await peer.next()).toContain('[33,');
    else expect(`closed with ${await peer.ended()}`).toBe(outcome);
  });

  it('leave compression off', async () => {
    const port = await stage.serve(open());
    const headers = { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' };
    const peer = await rawConnect({ port, path: '/ws', protocol, headers });
    expect(peer.head.headers.get('sec-websocket-extensions')).toBeUndefined();
    peer.socket.destroy();
  });
});

describe('an adapter', () => {
  const host: AdapterHost = {
    subprotocols: [protocol],
    maxMessageBytes: 16_384,
    refuses: () => undefined,
    accept: () => undefined,
    failed: () => undefined,
  };

  /** The adapter of this host on an HTTP server of its own. */
  async function attach(parts: Partial<AdapterHost>): Promise<{ adapter: WsAdapter; port: number }> {
    const adapter = new WsAdapter({ ...host, ...parts });
    const http = createHttp();
    adapter.attach(http);
    return { adapter, port: await stage.listen(http) };
  }

  it.each(['refuses', 'accept'] as const)(
    'drops the connection when its host fails (%s), and says so',
    async (faulty) => {
      const failures: unknown[] = [];
      const { adapter, port } = await attach({
        failed: (...failure) => failures.push(failure),
        [faulty]: () => {
          throw new Error('out of order');
        },
      });
      const asked = rawUpgrade({ port, protocol }).then((answer) => answer.peer?.ended());
      await expect(asked.catch(() => 'cut')).resolves.toBe('cut');
      expect(failures).toEqual([['a request could not be upgraded', new Error('out of order')]]);
      await adapter.close();
    },
  );

  it('drops sockets that nobody closed when it closes', async () => {
    const { adapter, port } = await attach({});
    const peer = await rawConnect({ port, protocol });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const closing = adapter.close();
    vi.advanceTimersByTime(2_499);
    expect(peer.gone).toBe(false);
    vi.advanceTimersByTime(1);
    await closing;
    vi.useRealTimers();
    expect(await peer.ended()).toBe('cut');
    expect((await rawUpgrade({ port, protocol })).status).toBe(503);
  });
});

it('a socket that breaks ends its connection and nothing else', async () => {
  const server = open();
  const port = await stage.serve(server);
  const client = stage.client(port);
  await client.connect();
  const peer = await rawConnect({ port, path: '/ws', protocol });
  peer.socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
  expect(await peer.ended()).toBe(1002);
  await reaches(client, 'connected');
  expect(await client.call('whoami')).toEqual({ user: 'nobody' });
});
