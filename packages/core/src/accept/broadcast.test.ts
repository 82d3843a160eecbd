import { expect, it, vi } from 'vitest';
import * as z from 'zod';
import { acceptedSocket } from '../../test/accept/accepted-socket.ts';
import { acceptDefaults } from './defaults.ts';
import { largeMessages } from '../peer/large-messages.ts';
import { defineContract, message } from '../peer/contract.ts';
import { topic } from '../peer/topic/define-topic.ts';
import { Bulk } from '../messaging/bulk.ts';
import { createTestBed, type TestBed } from '../testing/test-bed.ts';
import { jsonCodec } from '../wire/json-codec.ts';
import { msgpackCodec } from '../wire/msgpack-codec.ts';

const contract = defineContract({
  id: 'broadcast/1',
  serverToClient: { note: message(z.string()) },
  topics: { news: topic({ data: z.string() }) },
  largeMessages,
});
type Bed = TestBed<typeof contract>;

/** Two clients that are connected and quiet, and what each hears. */
async function connected(bed: Bed): Promise<string[][]> {
  const heard = await Promise.all(
    [bed.client, bed.connectClient()].map(async (client) => {
      const notes: string[] = [];
      client.on('note', (text) => notes.push(text));
      await client.connect();
      return notes;
    }),
  );
  await bed.clock.advance(2_000);
  return heard;
}

/** How many messages the server wrote since. */
function written(bed: Bed, from = 0): number {
  return bed.link.log.slice(from).filter(({ direction, event }) => direction === 'server' && event === 'message')
    .length;
}

it('keeps its place among what is sent to one peer, and shares its packet', async () => {
  await using bed = createTestBed(contract);
  const heard = await connected(bed);
  const before = bed.link.log.length;
  const [first] = bed.server.peers.values();
  bed.server.broadcast('note', 'a');
  first?.send('note', 'b');
  bed.server.broadcast('note', 'c');
  await bed.clock.settle();
  expect(heard).toEqual([
    ['a', 'b', 'c'],
    ['a', 'c'],
  ]);
  expect(written(bed, before)).toBe(2);
});

it('is written in one turn for all, not one for each', async () => {
  await using bed = createTestBed(contract);
  const heard = await connected(bed);
  let turns = 0;
  const { clock } = bed;
  const defer = clock.defer.bind(clock);
  clock.defer = (fn) => {
    turns += 1;
    defer(fn);
  };
  bed.server.broadcast('note', 'a');
  bed.server.broadcast('note', 'b');
  expect(turns).toBe(1);
  await clock.settle();
  bed.server.broadcast('note', 'c');
  await clock.settle();
  expect(heard).toEqual([
    ['a', 'b', 'c'],
    ['a', 'b', 'c'],
  ]);
});

it('leaves at once when it fills a packet, and in pieces when it is larger', async () => {
  await using bed = createTestBed(contract);
  const heard = await connected(bed);
  const before = bed.link.log.length;
  bed.server.broadcast('note', 'x'.repeat(20_000));
  expect(written(bed, before)).toBe(2);
  const large = 'y'.repeat(300_000);
  bed.server.broadcast('note', large);
  bed.server.broadcast('note', 'z');
  await bed.clock.advance(1_000);
  for (const notes of heard) expect(notes.map(({ length }) => length)).toEqual([20_000, 300_000, 1]);
});

it('shares the packet of what is published in the same tick', async () => {
  await using bed = createTestBed(contract);
  const heard = await connected(bed);
  const news: string[] = [];
  bed.client.topic('news').subscribe((text) => news.push(text));
  await bed.clock.advance(2_000);
  for (const steps of [
    ['publish', 'broadcast'],
    ['broadcast', 'publish'],
  ]) {
    const before = bed.link.log.length;
    for (const step of steps) {
      if (step === 'publish') bed.server.publish('news', undefined, 'n');
      else bed.server.broadcast('note', 'a');
    }
    await bed.clock.settle();
    expect(written(bed, before)).toBe(2);
  }
  expect([news, heard]).toEqual([
    ['n', 'n'],
    [
      ['a', 'a'],
      ['a', 'a'],
    ],
  ]);
});

it('waits for a client that is away', async () => {
  await using bed = createTestBed(contract);
  const [notes] = await connected(bed);
  bed.link.drop();
  bed.server.broadcast('note', 'a');
  await bed.clock.advance(10_000);
  expect(notes).toEqual(['a']);
});

it('ends the session of a client that is away for too long', async () => {
  await using bed = createTestBed(contract, {
    server: { keeps: { ...acceptDefaults.keeps, queueCount: 3, replayCount: 1 } },
  });
  await connected(bed);
  const ends: string[] = [];
  bed.server.onPeerEnd((_, { why }) => ends.push(why));
  bed.link.drop();
  for (let n = 0; n < 5; n += 1) bed.server.broadcast('note', 'a');
  expect(ends).toEqual([]);
  await bed.clock.settle();
  expect(ends).toEqual(['overflow', 'overflow']);
});

it('in pieces waits for room in the socket', async () => {
  const { acceptor, clock, socket, written } = await acceptedSocket(contract);
  socket.bufferedAmount = 1_000_000;
  acceptor.broadcast('note', 'y'.repeat(300_000));
  await clock.advance(1_000);
  expect(written()).toBe(0);
  socket.bufferedAmount = 0;
  await clock.advance(100);
  expect(written()).toBeGreaterThan(0);
  await acceptor.close(0, 1001);
});

it('leaves nobody with nothing to carry large ones, who gets none', async () => {
  await using bed = createTestBed(contract);
  const made = vi.spyOn(Bulk.prototype, 'attach');
  const heard = await connected(bed);
  bed.server.broadcast('note', 'a');
  await bed.clock.settle();
  expect(heard).toEqual([['a'], ['a']]);
  expect(made).not.toHaveBeenCalled();
});

it('that one codec cannot carry reaches nobody', async () => {
  const bytes = defineContract({ id: 'bytes/1', serverToClient: { blob: message(z.instanceof(Uint8Array)) } });
  await using bed = createTestBed(bytes, { server: { codecs: [jsonCodec, msgpackCodec] } });
  const heard: unknown[] = [];
  for (const codec of [msgpackCodec, jsonCodec]) {
    const client = bed.connectClient({ codec });
    client.on('blob', (blob) => heard.push(blob));
    await client.connect();
  }
  await bed.clock.advance(2_000);
  expect(() => bed.server.broadcast('blob', new Uint8Array(3))).toThrow(/INVALID_INPUT|bytes|Uint8Array/);
  await bed.clock.advance(60_000);
  expect(heard).toEqual([]);
});
