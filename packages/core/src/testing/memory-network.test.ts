import { beforeEach, describe, expect, it } from 'vitest';
import type { SocketLike } from '../driver/socket.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryNetwork } from './memory-network.ts';
import type { MemorySocket } from './memory-socket.ts';

let clock: ManualClock;
let network: MemoryNetwork;
let accepted: MemorySocket[];

beforeEach(() => {
  clock = new ManualClock();
  accepted = [];
  network = new MemoryNetwork(clock, ['x'], (socket) => void accepted.push(socket));
});

/** Notes what a socket reports. */
function listen(socket: SocketLike): string[] {
  const heard: string[] = [];
  socket.onopen = () => void heard.push('open');
  socket.onmessage = ({ data }: { data: string }) => void heard.push(data);
  socket.onclose = ({ code }: { code: number }) => void heard.push(`close ${code}`);
  return heard;
}

function dial(): SocketLike {
  const Socket = network.socketClass();
  return new Socket('ws://test.invalid/', ['x']);
}

/** Both ends of an open connection, and what they report. */
function connect(): { client: SocketLike; server: MemorySocket; atClient: string[]; atServer: string[] } {
  const client = dial();
  const atClient = listen(client);
  clock.advanceSync(0);
  const server = accepted.at(-1) as MemorySocket;
  return { client, server, atClient, atServer: listen(server) };
}

describe('a connection', () => {
  it('opens and carries messages both ways, each after the latency', () => {
    network.conditions({ latency: 100 });
    const client = dial();
    const atClient = listen(client);
    clock.advanceSync(99);
    expect(accepted).toEqual([]);
    clock.advanceSync(1);
    const server = accepted[0] as MemorySocket;
    const atServer = listen(server);
    client.send('up');
    server.send('down');
    clock.advanceSync(99);
    expect(atServer).toEqual([]);
    clock.advanceSync(1);
    expect([atServer, atClient]).toEqual([['up'], ['open', 'down']]);
  });

  it('keeps order, whatever the jitter and however the conditions change', () => {
    const { client, atServer } = connect();
    network.conditions({ latency: 500, jitter: 500 });
    for (const text of ['1', '2', '3']) client.send(text);
    network.conditions({ latency: 1 });
    client.send('4');
    clock.advanceSync(2_000);
    expect(atServer).toEqual(['1', '2', '3', '4']);
  });

  it('is open until both ends are closed', () => {
    const { client, atClient, atServer } = connect();
    expect(network.open).toBe(2);
    client.close(4_000);
    clock.advanceSync(0);
    expect([atClient, atServer]).toEqual([['open', 'close 4000'], ['close 4000']]);
    expect(network.open).toBe(0);
  });

  it('lets each end send the close codes of its kind only', () => {
    const { client, server, atClient } = connect();
    expect(() => client.close(1_001)).toThrow(RangeError);
    expect(() => server.close(1_006)).toThrow(RangeError);
    server.close(1_012);
    clock.advanceSync(0);
    expect(atClient.at(-1)).toBe('close 1012');
  });

  it('reports 1005 after a close without a code', () => {
    const { client, atServer } = connect();
    client.close();
    clock.advanceSync(0);
    expect(atServer).toEqual(['close 1005']);
  });

  it('is refused as often as it was told', () => {
    network.refuse(1);
    const first = listen(dial());
    clock.advanceSync(0);
    expect(first).toEqual(['close 1006']);
    expect(connect().atClient).toEqual(['open']);
  });
});

describe('a cut', () => {
  it('is noticed by both ends at once, and swallows what was under way', () => {
    const { client, atClient, atServer } = connect();
    network.conditions({ latency: 100 });
    client.send('lost');
    network.drop({ code: 1011, serverCode: 1006 });
    clock.advanceSync(1_000);
    expect([atClient, atServer]).toEqual([['open', 'close 1011'], ['close 1006']]);
  });

  it('noticed by one end leaves the other with a dead socket, until a second cut', () => {
    const { server, atClient, atServer } = connect();
    network.drop({ noticed: 'client' });
    server.send('nobody hears');
    clock.advanceSync(1_000);
    expect([atClient, atServer]).toEqual([['open', 'close 1006'], []]);
    expect(server.bufferedAmount).toBe(12);
    expect(network.open).toBe(1);
    network.drop();
    expect(atServer).toEqual(['close 1006']);
    expect(network.open).toBe(0);
  });

  it('may let what is under way arrive, at both ends or at one', () => {
    const { client, server, atClient, atServer } = connect();
    network.conditions({ latency: 100 });
    client.send('up');
    server.send('down');
    network.drop({ noticed: 'client', late: 'server' });
    expect(atClient).toEqual(['open', 'close 1006']);
    clock.advanceSync(100);
    expect(atServer).toEqual(['up']);
    network.conditions({ latency: 0 });
    const other = connect();
    network.conditions({ latency: 100 });
    other.server.send('down');
    network.drop({ late: true });
    expect(other.atClient).toEqual(['open']);
    clock.advanceSync(100);
    expect(other.atClient).toEqual(['open', 'down', 'close 1006']);
  });

  it('passes nothing that is sent after it', () => {
    const { server, atClient } = connect();
    network.conditions({ latency: 100 });
    network.drop({ noticed: 'none', late: true });
    server.send('too late');
    clock.advanceSync(1_000);
    expect(atClient).toEqual(['open']);
  });

  it('also hits a connection that is being set up', () => {
    network.conditions({ latency: 100 });
    const heard = listen(dial());
    network.drop();
    clock.advanceSync(1_000);
    expect(heard).toEqual(['close 1006']);
    expect(accepted).toEqual([]);
  });
});

it('logs who sent and closed what', () => {
  const { client, server } = connect();
  client.send('up');
  server.close(4_001);
  expect(network.log.map(({ direction, event, data, code }) => [direction, event, data ?? code])).toEqual([
    ['client', 'open', undefined],
    ['client', 'message', 'up'],
    ['server', 'close', 4_001],
  ]);
});
