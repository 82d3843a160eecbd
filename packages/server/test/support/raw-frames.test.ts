import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { rawConnect, rawUpgrade } from './raw-client.ts';
import { closePayload, encodeFrame, type FrameClaim, FrameReader, Opcode } from './raw-frame.ts';
import type { RawPeer } from './raw-peer.ts';
import { RawServer } from './raw-server.ts';
import { type ResourceWatch, watchResources } from './resources.ts';
import { until } from './until.ts';

let resources: ResourceWatch;

beforeEach(() => {
  resources = watchResources();
});

afterEach(() => resources.done());

describe('frames', () => {
  test.each([0, 1, 125, 126, 65_535, 65_536])('%i bytes survive, masked or not, in any pieces', (length) => {
    const payload = Buffer.alloc(length, 'abc');
    const wire = Buffer.concat([encodeFrame({ payload }, true), encodeFrame({ payload: 'x' }, false)]);
    const reader = new FrameReader();
    const cut = Math.floor(wire.length / 3);
    const frames = [wire.subarray(0, 1), wire.subarray(1, cut), wire.subarray(cut)].flatMap((piece) =>
      reader.push(piece),
    );
    expect(frames).toEqual([
      { fin: true, rsv: 0, opcode: Opcode.binary, masked: true, payload },
      { fin: true, rsv: 0, opcode: Opcode.text, masked: false, payload: Buffer.from('x') },
    ]);
  });

  test('a false length, reserved bits and a missing fin reach the wire', () => {
    const wire = encodeFrame({ payload: 'ab', claim: 2n ** 63n, rsv: 5, fin: false, opcode: 2 }, false);
    expect(wire.toString('hex')).toBe('527f80000000000000006162');
  });
});

describe('the raw client, against ws', () => {
  let server: WebSocketServer;
  let port: number;
  let received: string[];
  let errors: string[];
  let endings: number[];

  beforeEach(async () => {
    received = [];
    errors = [];
    endings = [];
    server = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: 1024, handleProtocols: () => 'b' });
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => {
      socket.on('error', (error) => errors.push((error as NodeJS.ErrnoException).code ?? ''));
      socket.on('close', (code) => endings.push(code));
      socket.on('message', (data, binary) => {
        received.push(`${binary ? 'binary' : 'text'} ${String(data)}`);
        socket.send(data, { binary });
      });
    });
  });

  afterEach(async () => {
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  });

  test('upgrades with the sub-protocol asked for, talks both ways, closes', async () => {
    const peer = await rawConnect({ port, protocol: 'a, b' });
    expect(peer.head.headers.get('sec-websocket-protocol')).toBe('b');
    peer.send('hello', Buffer.from('bytes'), { payload: 'frag', fin: false }, { payload: 'ments', opcode: 0 });
    expect([await peer.next(), String(await peer.next()), await peer.next()]).toEqual(['hello', 'bytes', 'fragments']);
    expect(received).toEqual(['text hello', 'binary bytes', 'text fragments']);
    peer.close(4321, 'enough');
    expect(await peer.ended()).toBe(4321);
    expect(peer.closeFrame?.reason).toBe('enough');
    await until('the server saw it', () => endings.length === 1);
    expect(endings).toEqual([4321]);
  });

  const illegal: [string, FrameClaim, number][] = [
    ['unmasked', { payload: 'x', mask: false }, 1002],
    ['reserved bits', { payload: 'x', rsv: 2 }, 1002],
    ['unknown opcode', { opcode: 5 }, 1002],
    ['fragmented ping', { opcode: Opcode.ping, fin: false }, 1002],
    ['ping of 126 bytes', { opcode: Opcode.ping, payload: 'x'.repeat(126) }, 1002],
    ['invalid UTF-8', { opcode: Opcode.text, payload: Buffer.from([0xc3, 0x28]) }, 1007],
    ['a claim over the limit', { claim: 2 ** 40 }, 1009],
    ['a claim of 2^63', { claim: 2n ** 63n }, 1009],
    ['a close with an illegal code', { opcode: Opcode.close, payload: closePayload(1006) }, 1002],
  ];
  test.each(illegal)('%s is answered by ws with its code', async (_name, frame, code) => {
    const peer = await rawConnect({ port });
    peer.send(frame);
    expect(await peer.ended()).toBe(code);
    expect(received).toEqual([]);
  });

  test('a refused upgrade shows status and body', async () => {
    const answer = await rawUpgrade({ port, headers: { 'Sec-WebSocket-Version': '99' } });
    expect(answer.peer).toBeUndefined();
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('Sec-WebSocket-Version');
    await expect(rawConnect({ port, headers: { 'Sec-WebSocket-Key': undefined } })).rejects.toThrow(/answered 400/);
  });

  test('a cut is told apart from a close', async () => {
    const peer = await rawConnect({ port });
    await until('the server has it', () => server.clients.size === 1);
    for (const socket of server.clients) socket.terminate();
    expect(await peer.ended()).toBe('cut');
  });

  test('early bytes arrive behind the request', async () => {
    const peer = await rawConnect({ port, early: encodeFrame({ payload: 'early' }, true) });
    expect(await peer.next()).toBe('early');
    peer.socket.destroy();
  });
});

describe('the raw server, against the client of ws', () => {
  let server: RawServer;

  beforeEach(async () => {
    server = await RawServer.start();
  });

  afterEach(() => server.stop());

  async function pair(protocols: string[] = []): Promise<{ client: WebSocket; peer: RawPeer; events: string[] }> {
    const events: string[] = [];
    const client = new WebSocket(server.url, protocols);
    client.on('error', (error) => events.push(`error ${(error as NodeJS.ErrnoException).code ?? error.message}`));
    client.on('close', (code) => events.push(`close ${code}`));
    client.on('message', (data) => events.push(`message ${String(data)}`));
    return { client, peer: await server.accept(), events };
  }

  test('chooses the first sub-protocol by default, and another one on demand', async () => {
    const { client, peer, events } = await pair(['a', 'b']);
    await until('it is open', () => client.readyState === WebSocket.OPEN);
    expect(client.protocol).toBe('a');
    expect(peer.head.headers.get('sec-websocket-protocol')).toBe('a,b');
    client.send('to the server');
    expect(await peer.next()).toBe('to the server');
    peer.send('to the client');
    await until('it arrives', () => events.length === 1);
    client.close(4000);
    expect(await peer.ended()).toBe(4000);
    await until('the client is done', () => events.length === 2);
    expect(events).toEqual(['message to the client', 'close 4000']);

    server.protocol = 'c';
    const other = await pair(['a']);
    await until('ws refuses what it did not ask for', () => other.events.some((line) => line.startsWith('close')));
  });

  test('masked frames and reserved bits are refused by the client', async () => {
    for (const frame of [
      { payload: 'x', mask: true },
      { payload: 'x', rsv: 4 },
    ]) {
      const { peer, events } = await pair();
      peer.send(frame);
      expect(await peer.ended()).toBe(1002);
      await until('the client is done', () => events.length === 2);
    }
  });

  test('stop() drops everybody', async () => {
    const { events } = await pair();
    await server.stop();
    await until('the client noticed', () => events.length > 0);
    expect(events.at(-1)).toBe('close 1006');
  });
});
