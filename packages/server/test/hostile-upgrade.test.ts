// Bad HTTP before the WebSocket, over real sockets: reliability catalogue F21, H26, H27.
import { afterEach, expect, test } from 'vitest';
import { Arena, type ArenaServerOptions } from './support/arena.ts';
import { Bystander } from './support/bystander.ts';
import { dialects } from './support/dialect.ts';
import { rawConnect, type RawUpgrade, rawUpgrade } from './support/raw-client.ts';
import { encodeFrame } from './support/raw-frame.ts';
import { politeHello } from './support/raw-session.ts';

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
    { protocol: 'p'.repeat(16_000) },
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
