// What floods leave in memory, at both ends: reliability catalogue H11 to H15 and H21 with the assertion they have in
// common. The attacked end is alone in a process with little heap; while it is attacked somebody else uses it as usual.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createClient, type Client } from '@hawser/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { siegeContract, type SiegeContract } from './support/siege/contract.ts';
import type { VictimMeasure } from './support/siege/messages.ts';
import { Raider } from './support/siege/raider.ts';
import { VictimProcess } from './support/siege/victim-process.ts';
import { until } from './support/until.ts';

/** What one end may keep after an attack, and while it lasts, bytes: section 1.3 of the catalogue. */
const bound = 32 * 1_048_576;
const million = 1_000_000;

let victim: VictimProcess;
let before: VictimMeasure;

/** One for each end. */
async function stopVictim(): Promise<void> {
  await victim.stop();
  expect(victim.printed).toEqual([]);
}

/** After each attack; returns what else may be looked at. @param came - bytes that were taken on the way, by right */
async function unharmed(came = 0): Promise<Omit<VictimMeasure, 'faults'>> {
  const { faults, ...measured } = await victim.measure();
  expect(faults).toEqual([]);
  expect(measured.unchecked).toBe(0);
  expect(measured.kept - before.kept).toBeLessThan(bound);
  // What was freed goes back to the system a little later.
  const grown = async (): Promise<number> => (await victim.measure()).rss - before.rss;
  await expect.poll(grown, { timeout: 5_000, interval: 200 }).toBeLessThan(bound + came);
  return measured;
}

/** A call with input as agreed or not, by turns. */
const ask =
  (first: number, name: string) =>
  (n: number): [unknown[]] => [[2, 2 * n + first, name, n % 2 === 0 ? { n } : { n: 'x' }]];

const opens = (kind: string, id: number): unknown[] =>
  kind === 'call'
    ? [2, id, 'hold', { n: 1 }]
    : [5, id, kind === 'stream' ? 'feed' : 'vault', { n: 1 }, kind === 'stream' ? 8 : 0];

describe('a server', { timeout: 30_000 }, () => {
  let bystander: Client<SiegeContract>;
  let asked: number;
  let took: number[];
  let failed: unknown[];
  let timer: NodeJS.Timeout;
  const raiders: Raider[] = [];

  beforeAll(async () => {
    victim = await VictimProcess.start();
    bystander = createClient({ contract: siegeContract, url: `ws://127.0.0.1:${victim.port}/ws`, callTimeout: 10_000 });
    await bystander.connect();
    [asked, took, failed] = [0, [], []];
    timer = setInterval(() => {
      const at = performance.now();
      asked += 1;
      bystander.call('echo', { n: 1 }).then(
        () => took.push(performance.now() - at),
        (error: unknown) => failed.push(error),
      );
    }, 20);
    // Warm: the first of everything.
    const raider = await dial();
    await raider.raid(20_000, ask(1, 'echo'));
    await raider.alive();
    raider.socket.terminate();
    before = await victim.measure();
  });
  afterEach(() => {
    for (const { socket } of raiders.splice(0)) socket.terminate();
  });
  afterAll(async () => {
    clearInterval(timer);
    await until('all is answered', () => took.length + failed.length === asked, 10_000);
    await bystander.close();
    expect(failed).toEqual([]);
    took.sort((a, b) => a - b);
    expect(took.length).toBeGreaterThan(20);
    // The raiders write from this process, so it waits for itself as well.
    expect(took[Math.floor(took.length * 0.99)]).toBeLessThan(1_000);
    await stopVictim();
  });

  async function dial(): Promise<Raider> {
    const raider = await Raider.dial(victim.port);
    raiders.push(raider);
    return raider;
  }

  test('a million calls whose answers nobody reads: 4541 as soon as too much waits', async () => {
    const raider = await dial();
    raider.socket.pause();
    await raider.raid(million, ask(1, 'echo'));
    raider.socket.resume();
    expect(await raider.ended()).toBe(4541);
    await unharmed();
  });

  test('300,000 calls that are never answered: 256 are kept, 64 run', async () => {
    const raider = await dial();
    await raider.raid(
      300_000,
      (n) => [[2, 2 * n + 1, 'hold', { n }]],
      false,
      () => raider.count('RATE_LIMITED'),
    );
    expect(await raider.alive()).toBe(true);
    expect(raider.count('RATE_LIMITED')).toBe(300_000 - 256);
    expect((await unharmed()).most).toBe(64);
  });

  test.each(['call', 'stream', 'upload'])(
    'each %s opened and cancelled in a loop: 4529, from every connection anew',
    async (kind) => {
      for (let round = 0; round < 5; round += 1) {
        const raider = await dial();
        await raider.raid(20_000, (n) => [opens(kind, 2 * n + 1), [9, 2 * n + 1]]);
        expect(await raider.ended()).toBe(4529);
      }
      await unharmed();
    },
  );

  test('chunks of little that announce much, from 100 connections: memory for what came', async () => {
    for (let round = 0; round < 100; round += 1) {
      const raider = await dial();
      for (let id = 1; id <= 16; id += 1) raider.chunk(id, 3, 16_777_216, 1_024);
      expect(await raider.alive()).toBe(true);
    }
    await unharmed();
  });

  test('one id used twice, from 100 connections: 4400', async () => {
    for (let round = 0; round < 100; round += 1) {
      const raider = await dial();
      raider.send([
        [2, 1, 'hold', { n: 1 }],
        [2, 1, 'hold', { n: 1 }],
      ]);
      expect(await raider.ended()).toBe(4400);
    }
    await unharmed();
  });

  test.each([
    ['100,000 subscribes', (n: number) => [[42, n + 1, 'level', { n }]]],
    [
      '100,000 subscribes and unsubscribes',
      (n: number) => [
        [42, n + 1, 'level', { n }],
        [43, n + 1],
      ],
    ],
  ])('%s: 4529, from every connection anew', async (_, frames) => {
    for (let round = 0; round < 5; round += 1) {
      const raider = await dial();
      await raider.raid(100_000, frames, true);
      expect(await raider.ended()).toBe(4529);
    }
    await unharmed();
  });

  test('more than 32 MiB of unfinished frames: 4413, and nothing of it stays', async () => {
    const raider = await dial();
    for (let n = 0; n < 560 && raider.code === undefined; n += 1) {
      const id = 1 + (n % 4);
      raider.chunk(id, n < 4 ? 3 : 1, n < 4 ? 16_777_216 : undefined, 65_536);
    }
    expect(await raider.ended()).toBe(4413);
    await unharmed(bound);
  });
});

describe('a client', { timeout: 30_000 }, () => {
  let server: WebSocketServer;
  let sockets: WebSocket[];

  beforeAll(async () => {
    victim = await VictimProcess.start();
  });
  afterAll(stopVictim);
  beforeEach(async () => {
    sockets = [];
    server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
    server.on('connection', (socket) => sockets.push(socket));
    await once(server, 'listening');
    before = await victim.measure();
  });
  afterEach(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });

  async function dialled(): Promise<Raider> {
    victim.dial(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const [socket] = (await once(server, 'connection')) as [WebSocket];
    return Raider.welcome(socket);
  }

  test('a million calls whose answers nobody reads: 4541 as soon as too much waits', async () => {
    const raider = await dialled();
    raider.socket.pause();
    await raider.raid(million, ask(2, 'echo'));
    raider.socket.resume();
    expect(await raider.ended()).toBe(4541);
    await unharmed();
  });

  test('300,000 calls that are never answered: 256 are kept, 64 run', async () => {
    const raider = await dialled();
    await raider.raid(
      300_000,
      (n) => [[2, 2 * n + 2, 'hold', { n }]],
      false,
      () => raider.count('RATE_LIMITED'),
    );
    expect(await raider.alive()).toBe(true);
    expect(raider.count('RATE_LIMITED')).toBe(300_000 - 256);
    expect((await unharmed()).most).toBe(64);
  });

  test.each(['call', 'stream', 'upload'])('each %s opened and cancelled 50,000 times leaves nothing', async (kind) => {
    const raider = await dialled();
    await raider.raid(50_000, (n) => [opens(kind, 2 * n + 2), [9, 2 * n + 2]]);
    expect(await raider.alive()).toBe(true);
    const { running, most } = await unharmed();
    expect(running).toBe(0);
    expect(most).toBeLessThanOrEqual(64);
  });

  test('one id used twice: 4400, and it does not come back', async () => {
    for (let round = 0; round < 20; round += 1) {
      const raider = await dialled();
      raider.send([
        [2, 2, 'hold', { n: 1 }],
        [2, 2, 'hold', { n: 1 }],
      ]);
      expect(await raider.ended()).toBe(4400);
    }
    expect(await unharmed()).toMatchObject({ running: 0, status: 'closed' });
    expect(sockets).toHaveLength(20);
  });

  test('200,000 publishes of topics nobody asked for, and as many of one that somebody does not read', async () => {
    const raider = await dialled();
    await until('it subscribed', () => raider.count(42) === 1);
    raider.send([[45, 1, 1, 'e', 0, true]], true);
    await raider.raid(200_000, (n) => [[44, 2 + (n % 1_000), n + 1, { n }]], true);
    await raider.raid(200_000, (n) => [[44, 1, n + 1, n % 2 === 0 ? { n } : { n: 'x' }]], true);
    expect(await raider.alive()).toBe(true);
    expect((await unharmed()).heard).toBe(100_000);
  });

  test('chunks of little that announce much, and then more than 32 MiB: 4413, and nothing of it stays', async () => {
    const raider = await dialled();
    for (let id = 1; id <= 16; id += 1) raider.chunk(id, 3, 16_777_216, 1_024);
    expect(await raider.alive()).toBe(true);
    await unharmed();
    for (let n = 0; n < 560 && raider.code === undefined; n += 1) raider.chunk(1 + (n % 4), 1, undefined, 65_536);
    expect(await raider.ended()).toBe(4413);
    expect((await unharmed(bound)).status).toBe('closed');
  });
});
