import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FaultProxy } from './fault-proxy.ts';
import { type ResourceWatch, watchResources } from './resources.ts';
import { until } from './until.ts';

/** How a socket ended, as its owner saw it. */
interface Ending {
  end: boolean;
  error: string | undefined;
  closed: boolean;
}

let resources: ResourceWatch;
let server: Server;
/** Sockets the echo server saw, in order, with what they received. */
let served: { socket: Socket; received: string; ending: Ending }[];
let proxy: FaultProxy;
let clients: Socket[];

function watch(socket: Socket): Ending {
  const ending: Ending = { end: false, error: undefined, closed: false };
  socket.on('end', () => (ending.end = true));
  socket.on('error', (error: NodeJS.ErrnoException) => (ending.error = error.code));
  socket.on('close', () => (ending.closed = true));
  return ending;
}

async function dial(): Promise<{ socket: Socket; chunks: string[]; text: () => string; ending: Ending }> {
  const socket = connect({ host: '127.0.0.1', port: proxy.port, noDelay: true });
  clients.push(socket);
  const chunks: string[] = [];
  const ending = watch(socket);
  socket.setEncoding('latin1').on('data', (chunk: string) => chunks.push(chunk));
  await once(socket, 'connect');
  return { socket, chunks, text: () => chunks.join(''), ending };
}

beforeEach(async () => {
  resources = watchResources();
  served = [];
  clients = [];
  server = createServer((socket) => {
    const entry = { socket, received: '', ending: watch(socket) };
    served.push(entry);
    socket.setNoDelay(true);
    socket.on('data', (data) => {
      entry.received += data.toString('latin1');
      socket.write(data);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await FaultProxy.start({ target: (server.address() as AddressInfo).port });
});

afterEach(async () => {
  await proxy.close();
  for (const socket of clients) socket.destroy();
  for (const { socket } of served) socket.destroy();
  server.close();
  await resources.done();
});

test('passes bytes both ways and counts them', async () => {
  const { socket, text } = await dial();
  socket.write('hello');
  await until('the echo arrives', () => text() === 'hello');
  expect(proxy.links[0]?.up.forwarded).toBe(5);
  expect(proxy.links[0]?.down.forwarded).toBe(5);
});

test('relays an orderly end per direction', async () => {
  const { socket, text, ending } = await dial();
  socket.end('last words');
  await until('the client saw its echo and the end', () => text() === 'last words' && ending.closed);
  expect(ending).toEqual({ end: true, error: undefined, closed: true });
  await until('the link is forgotten', () => proxy.links.length === 0);
});

test('rst resets both sides', async () => {
  const { ending } = await dial();
  await until('the server has the connection', () => served.length === 1);
  proxy.rst();
  await until('both sides are closed', () => ending.closed && served[0]?.ending.closed === true);
  expect(ending.error).toBe('ECONNRESET');
  expect(served[0]?.ending.error).toBe('ECONNRESET');
  expect(proxy.log.map((line) => line.event)).toEqual(['open', 'rst', 'closed']);
});

test('fin ends both sides without an error', async () => {
  const { ending } = await dial();
  await until('the server has the connection', () => served.length === 1);
  // Even a side that is not being read must see its answer.
  proxy.up.stall();
  proxy.fin();
  await until('both sides are closed', () => ending.closed && served[0]?.ending.closed === true);
  expect(ending).toEqual({ end: true, error: undefined, closed: true });
  expect(served[0]?.ending).toEqual({ end: true, error: undefined, closed: true });
});

test('a reset by one side reaches the other', async () => {
  const { socket } = await dial();
  await until('the server has the connection', () => served.length === 1);
  socket.resetAndDestroy();
  await until('the server side closed', () => served[0]?.ending.closed === true);
  expect(served[0]?.ending.error).toBe('ECONNRESET');
});

test.each([0, 1, 4, 7])('cutAfter lets exactly %i bytes through', async (bytes) => {
  const { socket, ending } = await dial();
  await until('the server has the connection', () => served.length === 1);
  proxy.up.cutAfter(bytes);
  socket.write('0123456789');
  await until('both sides are closed', () => ending.closed && served[0]?.ending.closed === true);
  expect(served[0]?.received).toBe('0123456789'.slice(0, bytes));
});

test('cutAfter counts from the first byte of a new link and can reset', async () => {
  proxy.onNextLink((link) => link.down.cutAfter(3, 'rst'));
  const first = await dial();
  first.socket.write('abcdef');
  await until('the first link is cut', () => first.ending.closed);
  expect(first.text()).toBe('abc');
  const second = await dial();
  second.socket.write('abcdef');
  await until('the second is not', () => second.text() === 'abcdef');
});

test('drop swallows a number of bytes, one way', async () => {
  const { socket, text } = await dial();
  proxy.up.drop(3);
  socket.write('abcdef');
  await until('the rest arrives', () => text() === 'def');
  expect(proxy.links[0]?.up.dropped).toBe(3);
});

test('drop without a number swallows everything, the end included', async () => {
  const { socket, text } = await dial();
  await until('the server has the connection', () => served.length === 1);
  proxy.up.drop();
  socket.end('never heard');
  await until('the bytes are swallowed', () => proxy.links[0]?.up.dropped === 11);
  served[0]?.socket.write('down works');
  await until('the other direction works', () => text() === 'down works');
  expect(served[0]?.received).toBe('');
  expect(served[0]?.ending.end).toBe(false);
});

test('drop swallows a reset too', async () => {
  const { socket } = await dial();
  await until('the server has the connection', () => served.length === 1);
  proxy.up.drop();
  socket.resetAndDestroy();
  await roundTripsElsewhere();
  expect(served[0]?.ending.closed).toBe(false);
});

test('stall holds, release lets go in order', async () => {
  const { socket, text } = await dial();
  proxy.down.stall();
  socket.write('one ');
  await until('the server heard it', () => served[0]?.received === 'one ');
  socket.write('two');
  await until('the server heard both', () => served[0]?.received === 'one two');
  expect(text()).toBe('');
  proxy.down.release();
  await until('both arrive', () => text() === 'one two');
});

test('stall meets the sender with back pressure', async () => {
  const { socket } = await dial();
  proxy.up.stall();
  const block = Buffer.alloc(1024 * 1024);
  for (let i = 0; i < 64; i += 1) socket.write(block);
  const { up } = proxy.links[0]!;
  await until('the proxy is full', () => up.waiting > block.length);
  await roundTripsElsewhere();
  expect(up.waiting).toBeLessThan(block.length + 128 * 1024);
  expect(socket.writableLength).toBeGreaterThan(32 * block.length);
  proxy.up.release();
  proxy.down.drop();
  await until('all of it passes', () => served[0]?.received.length === 64 * block.length, 20_000);
});

test('a black hole forwards nothing and hides that a side is gone', async () => {
  const { socket, text } = await dial();
  socket.write('before');
  await until('the echo arrives', () => text() === 'before');
  proxy.blackhole();
  socket.write('into the void');
  await until('the proxy took it', () => proxy.links[0]?.up.waiting === 13);
  socket.resetAndDestroy();
  const second = await dial();
  second.socket.write('a new one too');
  await until('the new link is open', () => proxy.links.length === 2 && served.length === 2);
  // A healthy link round trip takes less than a turn; several on another link prove that nothing came through.
  await roundTripsElsewhere();
  expect(served.map((entry) => entry.received)).toEqual(['before', '']);
  expect(served.some((entry) => entry.ending.end || entry.ending.closed)).toBe(false);
  proxy.pass();
  await until('what waited arrives', () => served[1]?.received === 'a new one too');
});

test('loseClient resets one side and keeps what is under way to the other', async () => {
  const { socket, ending } = await dial();
  const [link] = proxy.links;
  link?.up.stall();
  socket.write('still in the air');
  await until('the proxy has it', () => link?.up.waiting === 16);
  link?.loseClient();
  await until('the client noticed', () => ending.closed);
  await roundTripsElsewhere();
  expect(served[0]?.ending.closed).toBe(false);
  link?.up.release();
  await until('it arrives', () => served[0]?.received === 'still in the air');
});

test('delay keeps the order, whatever the jitter', async () => {
  // The first chunk draws the longest jitter, the later ones none.
  const draws = [0.99, 0, 0, 0];
  const jittery = await FaultProxy.start({ target: proxy.port, random: () => draws.shift() ?? 0 });
  jittery.up.delay(5, 40);
  const socket = connect({ host: '127.0.0.1', port: jittery.port, noDelay: true });
  clients.push(socket);
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
  await once(socket, 'connect');
  const started = performance.now();
  for (const [index, word] of ['a', 'b', 'c', 'd'].entries()) {
    socket.write(word);
    await until('the proxy took it', () => draws.length === 3 - index);
  }
  await until('all arrive', () => text.length === 4);
  expect(text).toBe('abcd');
  expect(performance.now() - started).toBeGreaterThanOrEqual(44);
  socket.destroy();
  await jittery.close();
});

test('pass lets go what was delayed', async () => {
  const { socket, text } = await dial();
  proxy.down.delay(60_000);
  socket.write('late');
  await until('the server heard it', () => served[0]?.received === 'late');
  await roundTripsElsewhere();
  expect(text()).toBe('');
  proxy.pass();
  await until('it arrives', () => text() === 'late');
});

test('rate spreads bytes over time', async () => {
  const { socket, text, chunks } = await dial();
  proxy.up.rate(10_000);
  const started = performance.now();
  socket.write('x'.repeat(2_000));
  await until('all arrive', () => text().length === 2_000);
  const took = performance.now() - started;
  // 2,000 bytes at 10,000 a second; the last piece of 20 ms leaves when it is due, not when it is through.
  expect(took).toBeGreaterThanOrEqual(170);
  expect(took).toBeLessThan(2_000);
  expect(chunks.length).toBeGreaterThan(5);
});

test('slice delivers byte by byte', async () => {
  const { socket, text, chunks } = await dial();
  proxy.down.slice(1);
  socket.write('abcdefghij');
  await until('all arrive', () => text() === 'abcdefghij');
  // The kernel may join two of them now and then.
  expect(chunks.length).toBeGreaterThanOrEqual(5);
});

test('refuse and accept work on the same port while live links go on', async () => {
  const live = await dial();
  proxy.refuse();
  const refused = connect({ host: '127.0.0.1', port: proxy.port });
  const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNREFUSED');
  live.socket.write('still here');
  await until('the live link works', () => live.text() === 'still here');
  await proxy.accept();
  const next = await dial();
  next.socket.write('new');
  await until('a new link works', () => next.text() === 'new');
});

test('a server that is away looks like a reset, and comes back on the same port', async () => {
  const { port } = server.address() as AddressInfo;
  server.close();
  const client = await dial();
  await until('the client is turned away', () => client.ending.closed);
  expect(proxy.log.some((line) => line.event === 'unreachable' && line.detail === 'ECONNREFUSED')).toBe(true);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const again = await dial();
  again.socket.write('back');
  await until('it works again', () => again.text() === 'back');
});

test('close() works in the middle of everything', async () => {
  proxy.down.delay(60_000);
  proxy.up.slice(1);
  const a = await dial();
  a.socket.write('x'.repeat(1_000));
  const b = await dial();
  proxy.links[1]?.blackhole();
  b.socket.write('y');
  proxy.refuse();
  await until('something is held', () => (served[0]?.received.length ?? 0) > 10);
  await proxy.close();
  expect(proxy.links).toEqual([]);
});

/** Enough turns of the loop and of the kernel for anything wrongly forwarded to have arrived. */
async function roundTripsElsewhere(): Promise<void> {
  const direct = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, noDelay: true });
  clients.push(direct);
  await once(direct, 'connect');
  const entry = () => served.findIndex(({ socket }) => socket.remotePort === direct.localPort);
  await until('the server has it', () => entry() >= 0);
  const [own] = served.splice(entry(), 1);
  for (let i = 0; i < 20; i += 1) {
    direct.write('ping');
    await once(direct, 'data');
  }
  direct.destroy();
  await until('its server side is gone', () => own?.ending.closed === true);
}
