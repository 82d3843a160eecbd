import { createServer as createHttp } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { rawConnect } from '../../test/support/raw-client.ts';
import { Opcode } from '../../test/support/raw-frame.ts';
import type { RawPeer } from '../../test/support/raw-peer.ts';
import { until } from '../../test/support/until.ts';
import { Stage } from '../../test/stage/stage.ts';
import type { FramingSocket } from './framing-socket.ts';
import { WsAdapter } from './ws.ts';

let stage: Stage;
let adapter: WsAdapter;
let port: number;
const sockets: FramingSocket[] = [];
beforeEach(async () => {
  stage = new Stage();
  sockets.length = 0;
  adapter = new WsAdapter({
    subprotocols: ['p'],
    maxMessageBytes: 1_000_000,
    refuses: () => undefined,
    accept: (socket) => sockets.push(socket as unknown as FramingSocket),
    failed: (_, cause) => expect(cause).toBeUndefined(),
  });
  const http = createHttp();
  adapter.attach(http);
  port = await stage.listen(http);
});
afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await adapter.close();
  await stage.strike();
});

/** Both ends of a new connection, and every byte that the client's end receives. */
async function joined(): Promise<{ socket: FramingSocket; peer: RawPeer; bytes: () => Buffer }> {
  const peer = await rawConnect({ port, protocol: 'p' });
  const chunks: Buffer[] = [];
  peer.socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await until('the server has it', () => sockets.length > 0 && sockets.at(-1)?.readyState === 1);
  return { socket: sockets.at(-1) as FramingSocket, peer, bytes: () => Buffer.concat(chunks) };
}

it.each([
  [1, [1]],
  [125, [125]],
  [126, [126, 0, 126]],
  [300, [126, 1, 44]],
  [16_384, [126, 64, 0]],
  [16_385, [126, 64, 1]],
  [65_535, [126, 255, 255]],
  [65_536, [127, 0, 0, 0, 0, 0, 1, 0, 0]],
  [66_052, [127, 0, 0, 0, 0, 0, 1, 2, 4]],
])('frames %i bytes as RFC 6455 has it', async (size, length) => {
  const { socket, peer, bytes } = await joined();
  const accents = 'é'.repeat(size >> 1) + 'e'.repeat(size & 1);
  const messages = ['a'.repeat(size), accents, Buffer.alloc(size, 7)];
  for (const message of messages) socket.send(message);
  const one = 1 + length.length + size;
  await until('all arrived', () => bytes().length === 3 * one);
  const heads = [0, one, 2 * one].map((at) => [...bytes().subarray(at, at + 1 + length.length)]);
  expect(heads).toEqual([
    [0x81, ...length],
    [0x81, ...length],
    [0x82, ...length],
  ]);
  const payloads = peer.frames.map(({ payload }) => payload);
  expect(payloads.every((payload, at) => payload.equals(Buffer.from(messages[at] as string)))).toBe(true);
});

it('sends every socket its own text, also when others send the same', async () => {
  const [first, second] = [await joined(), await joined()];
  for (const text of ['one', 'ünö', 'two']) {
    first.socket.send(text);
    second.socket.send(text);
    first.socket.send(`${text}!`);
    second.socket.send(text);
  }
  await until('all arrived', () => first.peer.texts.length === 6 && second.peer.texts.length === 6);
  expect(first.peer.texts).toEqual(['one', 'one!', 'ünö', 'ünö!', 'two', 'two!']);
  expect(second.peer.texts).toEqual(['one', 'one', 'ünö', 'ünö', 'two', 'two']);
});

it('keeps its place among the pongs and the close that `ws` writes, while the socket is full too', async () => {
  const { socket, peer } = await joined();
  peer.socket.pause();
  const large = 'x'.repeat(900_000);
  for (let n = 0; n < 8; n += 1) socket.send(`${n}${large}`);
  expect(socket.bufferedAmount).toBeGreaterThan(900_000);
  const pinged = new Promise((resolve) => socket.once('ping', resolve));
  peer.send({ opcode: Opcode.ping, payload: 'p' });
  await pinged;
  socket.send('after the pong');
  socket.close(4_000, 'enough');
  socket.send('after the close');
  peer.socket.resume();
  expect(await peer.ended()).toBe(4_000);
  const got = peer.frames.map(({ opcode, payload }) => [opcode, payload.toString().slice(0, 14)]);
  const numbered = Array.from({ length: 8 }, (_, n) => [Opcode.text, `${n}${large}`.slice(0, 14)]);
  expect(got).toEqual([
    ...numbered,
    [Opcode.pong, 'p'],
    [Opcode.text, 'after the pong'],
    [Opcode.close, expect.stringContaining('enough')],
  ]);
});

it('tells when a socket that was full has written everything, once', async () => {
  const { socket, peer } = await joined();
  let drained = 0;
  socket.ondrain = () => (drained += 1);
  for (let n = 0; n < 4; n += 1) {
    socket.send('x'.repeat(80_000));
    socket.send('small');
  }
  await until('all arrived', () => peer.texts.length === 8);
  expect(drained).toBe(0);
  for (const round of [1, 2]) {
    peer.socket.pause();
    for (let n = 0; n < 16; n += 1) socket.send('x'.repeat(900_000));
    expect(socket.bufferedAmount).toBeGreaterThan(900_000);
    peer.socket.resume();
    await until('it is told', () => drained === round);
    expect(socket.bufferedAmount).toBe(0);
    await until('all arrived', () => peer.texts.length === 8 + 16 * round);
  }
  expect(drained).toBe(2);
});
