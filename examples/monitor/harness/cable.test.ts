import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Cable, type CableState } from './cable.ts';

const host = '127.0.0.1';
const long = 60_000;
let service: Server;
let served: Socket[];
let dialled: Socket[];
let states: CableState['state'][];
let changed: () => void;
let cable: Cable;
let port: number;

beforeEach(async () => {
  served = [];
  dialled = [];
  states = [];
  changed = () => {};
  service = createServer((socket) => {
    socket.on('error', () => {});
    served.push(socket);
    socket.pipe(socket);
  });
  service.listen(0, host);
  await once(service, 'listening');
  cable = new Cable({
    host,
    target: (service.address() as AddressInfo).port,
    onChange: ({ state }) => {
      states.push(state);
      changed();
    },
  });
  port = await cable.listen(0);
});

afterEach(async () => {
  for (const socket of dialled) socket.destroy();
  await cable.close();
  service.close();
  expect(cable.counts.links).toBe(0);
});

async function dial(): Promise<Socket> {
  const socket = connect(port, host);
  dialled.push(socket);
  // The test's own end of the cable resets some of these after the test has read all it wants.
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

async function echo(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString();
}

/** Resolves with the error the socket ends with. */
async function failure(socket: Socket): Promise<string | undefined> {
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  return error.code;
}

test('carries bytes both ways and counts them', async () => {
  const socket = await dial();
  expect(await echo(socket, 'ahoy')).toBe('ahoy');
  expect(cable.counts).toEqual({ links: 1, bytes: 8, faults: 0 });
});

test('hands on an orderly end', async () => {
  const socket = await dial();
  await echo(socket, 'ahoy');
  socket.end();
  await once(socket, 'close');
  expect(socket.errored).toBeNull();
});

test('resets both ends when cut', async () => {
  const socket = await dial();
  await echo(socket, 'ahoy');
  const near = failure(socket);
  const far = failure(served[0] as Socket);
  cable.fail('cut', long);
  expect(await near).toBe('ECONNRESET');
  expect(await far).toBe('ECONNRESET');
  expect(cable.state).toMatchObject({ state: 'cut' });
});

test('refuses connections while cut and takes them again when restored', async () => {
  cable.fail('cut', long);
  expect(await failure(connect(port, host))).toBe('ECONNRESET');
  expect(served).toHaveLength(0);
  cable.restore();
  expect(await echo(await dial(), 'again')).toBe('again');
  expect(states).toEqual(['cut', 'up']);
});

test('swallows everything in a black hole, then resets what hung in it', async () => {
  const old = await dial();
  await echo(old, 'ahoy');
  cable.fail('black-hole', long);
  old.write('swallowed');
  const fresh = await dial();
  fresh.write('swallowed too');
  expect(cable.counts).toMatchObject({ links: 2, bytes: 8 });

  const ends = Promise.all([failure(old), failure(fresh)]);
  cable.restore();
  expect(await ends).toEqual(['ECONNRESET', 'ECONNRESET']);
  expect(served, 'the fresh one never reached the service').toHaveLength(1);
  expect(await echo(await dial(), 'again')).toBe('again');
  expect(cable.counts.bytes).toBe(8 + 10);
});

test('heals by itself when the time is over', async () => {
  const healed = new Promise<void>((resolve) => {
    changed = () => {
      if (cable.state.state === 'up') resolve();
    };
  });
  cable.fail('cut', 20);
  await healed;
  expect(await echo(await dial(), 'again')).toBe('again');
  expect(cable.counts.faults).toBe(1);
});

test('says so when its port is taken', async () => {
  const second = new Cable({ host, target: 1 });
  await expect(second.listen(port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await second.close();
});
