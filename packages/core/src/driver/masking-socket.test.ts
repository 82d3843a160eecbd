import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, test, vi, type MockInstance } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { defaultSocket } from './default-socket.ts';
import { maskingSocket } from './masking-socket.ts';
import type { SocketClass, SocketLike } from './socket.ts';

/** What stands for a class of `ws`: notes what it is asked to send itself. */
class WsLike extends EventEmitter {
  isPaused = false;
  readyState = 1;
  _socket: unknown;
  readonly sent: unknown[] = [];

  send(data: unknown): void {
    this.sent.push(data);
  }
}
// Methods of `ws` are on the prototype.
Object.defineProperty(WsLike.prototype, 'isPaused', { value: false, writable: true });

interface Frame {
  readonly head: number[];
  readonly mask: string;
  readonly payload: Buffer;
}

/** One frame as RFC 6455 section 5.2 reads it; nothing may follow. */
function read(frame: Buffer): Frame {
  const short = (frame[1] as number) & 0x7f;
  const size = short === 126 ? frame.readUInt16BE(2) : short === 127 ? Number(frame.readBigUInt64BE(2)) : short;
  const at = short === 126 ? 4 : short === 127 ? 10 : 2;
  expect([(frame[1] as number) >> 7, frame.length]).toEqual([1, at + 4 + size]);
  const mask = frame.subarray(at, at + 4);
  const payload = frame.subarray(at + 4).map((byte, place) => byte ^ (mask[place & 3] as number)) as Buffer;
  return { head: [...frame.subarray(0, at)], mask: mask.toString('hex'), payload: Buffer.from(payload) };
}

/** A socket that was upgraded with these headers, and what it wrote to its stream. */
function upgraded(headers: object = {}, options?: object): { socket: SocketLike & WsLike; written: Buffer[] } {
  const Masking = maskingSocket(WsLike as unknown as SocketClass);
  const socket = new Masking('ws://x', [], options) as SocketLike & WsLike;
  const written: Buffer[] = [];
  const stream = { write: (bytes: Buffer) => written.push(Buffer.from(bytes)) };
  socket._socket = stream;
  socket.emit('upgrade', { socket: stream, headers });
  return { socket, written };
}

describe('a message', () => {
  it.each([
    [0, [128]],
    [1, [129]],
    [125, [253]],
    [126, [254, 0, 126]],
    [1_015, [254, 3, 247]],
    [1_016, [254, 3, 248]],
    [1_017, [254, 3, 249]],
    [16_385, [254, 64, 1]],
    [65_535, [254, 255, 255]],
    [65_536, [255, 0, 0, 0, 0, 0, 1, 0, 0]],
    [66_053, [255, 0, 0, 0, 0, 0, 1, 2, 5]],
    [16_909_060, [255, 0, 0, 0, 0, 1, 2, 3, 4]],
  ])('of %i bytes has the head that RFC 6455 asks for, and is masked', (size, length) => {
    const { socket, written } = upgraded();
    const bytes = Uint8Array.from({ length: size }, (_, place) => place * 7);
    const messages = ['a'.repeat(size), 'é'.repeat(size >> 1) + 'e'.repeat(size & 1), bytes];
    for (const message of messages) socket.send(message as string);
    const frames = written.map(read);
    expect(frames.map(({ head }) => head)).toEqual([
      [0x81, ...length],
      [0x81, ...length],
      [0x82, ...length],
    ]);
    frames.forEach(({ payload }, place) => expect(payload.equals(Buffer.from(messages[place] as string))).toBe(true));
    expect(socket.sent).toEqual([]);
  });

  it('carries half a surrogate pair as U+FFFD, as every encoder does', () => {
    const { socket, written } = upgraded();
    socket.send('a\ud83db');
    expect(written.map(read)[0]?.payload.toString()).toBe('a\ufffdb');
  });

  it('stays as it was for whoever sends it again', () => {
    const { socket } = upgraded();
    const bytes = new Uint8Array(2_000).fill(9);
    socket.send(bytes);
    expect(bytes.every((byte) => byte === 9)).toBe(true);
  });

  it('has a mask of its own', () => {
    const { socket, written } = upgraded();
    for (let n = 0; n < 5_000; n += 1) socket.send('x');
    // Two of so many are the same once in 340 runs; three pairs practically never.
    expect(new Set(written.map((frame) => read(frame).mask)).size).toBeGreaterThan(4_997);
  });
});

describe('the class itself sends', () => {
  test('before the upgrade', () => {
    const Masking = maskingSocket(WsLike as unknown as SocketClass);
    const socket = new Masking('ws://x', []) as SocketLike & WsLike;
    socket.send('early');
    expect(socket.sent).toEqual(['early']);
  });

  test('after a close', () => {
    const { socket, written } = upgraded();
    (socket as WsLike).readyState = 2;
    socket.send('late');
    expect([socket.sent, written]).toEqual([['late'], []]);
  });

  test('with masks of the application', () => {
    const { socket, written } = upgraded({}, { generateMask: () => undefined });
    socket.send('odd');
    expect([socket.sent, written]).toEqual([['odd'], []]);
  });

  test.each([null, undefined, { write: () => true }])('where another runtime names %j as the stream', (stream) => {
    const Masking = maskingSocket(WsLike as unknown as SocketClass);
    const socket = new Masking('ws://x', []) as SocketLike & WsLike;
    socket.emit('upgrade', { socket: stream, headers: {} });
    socket.send('hello');
    expect(socket.sent).toEqual(['hello']);
  });

  test('on a connection with extensions', () => {
    const { socket, written } = upgraded({ 'sec-websocket-extensions': 'permessage-deflate' });
    socket.send('small');
    expect([socket.sent, written]).toEqual([['small'], []]);
  });
});

it('leaves every other class alone, and a platform without one', () => {
  class Native {}
  expect(maskingSocket(Native as unknown as SocketClass)).toBe(Native);
  expect(maskingSocket(undefined as unknown as SocketClass)).toBeUndefined();
});

describe('between real sockets', () => {
  let server: WebSocketServer;
  /** What `ws` was asked to send, by either end. */
  let itself: MockInstance;
  beforeEach(() => void (itself = vi.spyOn(WebSocket.prototype, 'send')));
  afterEach(async () => {
    itself.mockRestore();
    for (const socket of server.clients) socket.terminate();
    await new Promise((closed) => server.close(closed));
  });

  async function joined(options: object): Promise<{ client: WebSocket; peer: WebSocket }> {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1', ...options });
    await once(server, 'listening');
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const accepted = once(server, 'connection');
    const client = new defaultSocket(url, [], options) as unknown as WebSocket;
    await once(client, 'open');
    return { client, peer: ((await accepted) as [WebSocket])[0] };
  }

  it('keeps its place among the pings and the close that `ws` writes, while the socket is full too', async () => {
    const { client, peer } = await joined({ perMessageDeflate: false });
    const told: string[] = [];
    peer.on('message', (data: Buffer) => told.push(data.toString().slice(0, 5)));
    peer.on('ping', (data) => told.push(`ping ${data.toString()}`));
    peer.pause();
    const large = 'x'.repeat(900_000);
    for (let n = 0; n < 6; n += 1) {
      client.send(`${n}${large}`);
      client.ping(String(n));
    }
    client.send('last');
    expect(itself).not.toHaveBeenCalled();
    expect(client.bufferedAmount).toBeGreaterThan(900_000);
    client.close(4_000, 'enough');
    client.send('late', () => undefined);
    peer.resume();
    const [code] = (await once(peer, 'close')) as [number];
    const expected = Array.from({ length: 6 }, (_, n) => [`${n}xxxx`, `ping ${n}`]).flat();
    expect([code, told]).toEqual([4_000, [...expected, 'last']]);
  });

  it('compresses where both ends agreed to', async () => {
    const { client, peer } = await joined({ perMessageDeflate: { threshold: 0 } });
    expect(client.extensions).toContain('permessage-deflate');
    const message = once(peer, 'message');
    client.send('y'.repeat(50_000));
    expect(itself).toHaveBeenCalledOnce();
    const [data] = (await message) as [Buffer];
    expect(data.toString()).toBe('y'.repeat(50_000));
    const { bytesWritten } = (client as unknown as { _socket: { bytesWritten: number } })._socket;
    expect(bytesWritten).toBeLessThan(5_000);
  });
});
