import { afterEach, describe, expect, it } from 'vitest';
import { defineContract, largeMessages, message } from '@hawser/core';
import { msgpackCodec } from '@hawser/core/msgpack';
import { createTestBed, type TestBed } from '@hawser/core/testing';
import * as z from 'zod';
import { rejection } from './bed.ts';
import { chunksOf, depotBed, eventually, type Depot } from './bulk-bed.ts';

let bed: TestBed<Depot>;
afterEach(async () => {
  await bed?.[Symbol.asyncDispose]();
});

/** Text of so many bytes, not all of them ASCII. */
const long = (bytes: number): string => `é漢🚢"\\${'x'.repeat(bytes - 11)}`;

/** Connects, whatever the latency. */
async function joined(): Promise<void> {
  const connected = bed.client.connect();
  await bed.clock.advance(2_000);
  await connected;
}

/** What the server heard of the client, and the other way round. */
function listen(): { up: string[]; down: string[] } {
  const heard = { up: [] as string[], down: [] as string[] };
  bed.server.on('note', ({ n, text }) => heard.up.push(`${n}:${text.length}`));
  bed.server.on('other', (n) => heard.up.push(`other ${n}`));
  bed.client.on('news', ({ n, text }) => heard.down.push(`${n}:${text.length}`));
  return heard;
}

describe.each([
  ['json', undefined],
  ['msgpack', msgpackCodec],
])('%s', (_, codec) => {
  it('a large message arrives as one, both ways', async () => {
    bed = depotBed({}, codec);
    const heard: unknown[] = [];
    bed.server.on('note', (note) => heard.push(note));
    bed.client.on('news', (news) => heard.push(news));
    await joined();
    const [peer] = bed.server.peers.values();
    const note = { n: 1, text: long(1_000_000) };
    bed.client.send('note', note);
    await bed.clock.advance(500);
    peer?.send('news', note);
    await bed.clock.advance(500);
    expect(heard).toEqual([note, note]);
    expect(chunksOf(bed).length).toBeGreaterThan(60);
  });

  it.each([
    [-1, 0],
    [0, 0],
    [1, 5],
  ])('%i bytes over 64 KiB it takes %i chunks', async (over, chunks) => {
    bed = depotBed({}, codec);
    const { up } = listen();
    await joined();
    const empty = (codec ?? { byteLength: (text: unknown) => String(text).length }).byteLength(
      codec?.encodeFrame([1, 'note', { n: 1, text: 'x'.repeat(60_000) }]) ??
        JSON.stringify([1, 'note', { n: 1, text: 'x'.repeat(60_000) }]),
    );
    bed.client.send('note', { n: 1, text: 'x'.repeat(60_000 + 65_536 - empty + over) });
    await bed.clock.advance(500);
    expect(up).toHaveLength(1);
    expect(chunksOf(bed)).toHaveLength(chunks);
  });

  it.each(Array.from({ length: 22 }, (__, i) => i))('a cut after %i chunks changes nothing', async (count) => {
    bed = depotBed({}, codec);
    bed.link.conditions({ latency: 20 });
    const { up } = listen();
    bed.client.send('note', { n: 1, text: long(150_000) });
    bed.client.send('note', { n: 2, text: 'after it' });
    bed.client.send('note', { n: 3, text: long(170_000) });
    bed.client.send('other', 4);
    await eventually(bed, () => chunksOf(bed).length >= count && bed.client.state.status === 'connected', 5_000, 1);
    bed.link.drop({ late: count % 2 === 0 });
    await eventually(bed, () => up.length === 4);
    expect(up.filter((line) => line !== 'other 4').map((line) => line.slice(0, 2))).toEqual(['1:', '2:', '3:']);
  });
});

it('one that is cut off by a sleep of the laptop does not end the client', async () => {
  bed = depotBed();
  await bed.client.connect();
  const heard: number[] = [];
  bed.client.on('news', ({ n }) => heard.push(n));
  bed.link.conditions({ latency: 30 });
  for (const peer of bed.server.peers.values()) peer.send('news', { n: 1, text: 'x'.repeat(2_000_000) });
  await bed.clock.advance(75);
  bed.clock.jump(300_000);
  await bed.clock.advance(30_000);
  expect(bed.client.state).toMatchObject({ status: 'connected' });
  expect(heard).toEqual([1]);
});

describe('order', () => {
  it('is kept within a name; another name overtakes', async () => {
    bed = depotBed();
    bed.link.conditions({ latency: 20 });
    const { up } = listen();
    await joined();
    bed.client.send('note', { n: 1, text: 'small' });
    bed.client.send('note', { n: 2, text: long(500_000) });
    bed.client.send('note', { n: 3, text: 'small' });
    bed.client.send('other', 1);
    bed.client.send('note', { n: 4, text: long(100_000) });
    bed.client.send('other', 2);
    await bed.clock.advance(3_000);
    expect(up.map((line) => line.split(':')[0])).toEqual(['1', 'other 1', 'other 2', '2', '3', '4']);
    // The way is clear again.
    bed.client.send('note', { n: 5, text: 'small' });
    const before = chunksOf(bed).length;
    await bed.clock.advance(500);
    expect(up.at(-1)).toBe('5:5');
    expect(chunksOf(bed)).toHaveLength(before);
  });

  it('small messages and a heartbeat do not wait behind large ones', async () => {
    bed = depotBed();
    bed.link.conditions({ latency: 20 });
    const { up } = listen();
    await joined();
    bed.client.send('note', { n: 1, text: long(10_000_000) });
    await bed.clock.advance(200);
    bed.client.send('other', 1);
    await bed.clock.advance(25);
    expect(up).toEqual(['other 1']);
  });

  it('calls of one name keep theirs, and large answers come', async () => {
    bed = depotBed();
    bed.link.conditions({ latency: 5 });
    const asked: number[] = [];
    bed.server.handle('echo', (text) => {
      asked.push(text.length);
      return text;
    });
    await joined();
    const answers = [300_000, 5, 100_000, 7].map((size) => bed.client.call('echo', 'x'.repeat(size)));
    await bed.clock.advance(3_000);
    expect((await Promise.all(answers)).map((text) => text.length)).toEqual([300_000, 5, 100_000, 7]);
    expect(asked).toEqual([300_000, 5, 100_000, 7]);
  });

  it('a large call that is given up is taken back, and nothing hangs', async () => {
    bed = depotBed();
    bed.link.conditions({ latency: 20 });
    let runs = 0;
    bed.server.handle('echo', (text) => {
      runs += 1;
      return text;
    });
    await joined();
    const stop = new AbortController();
    const gone = rejection(bed.client.call('echo', long(2_000_000), { signal: stop.signal }));
    const next = bed.client.call('echo', 'next');
    await bed.clock.advance(100);
    expect(chunksOf(bed).length).toBeGreaterThan(3);
    stop.abort(new Error('enough'));
    expect((await gone).message).toBe('enough');
    await bed.clock.advance(1_000);
    expect(await next).toBe('next');
    expect(runs).toBe(1);
  });
});

describe('limits', () => {
  it.each([
    ['client', -1, true],
    ['client', 0, true],
    ['client', 1, false],
    ['server', -1, true],
    ['server', 0, true],
    ['server', 1, false],
  ] as const)('of the other side of a %s: %i bytes beyond it', async (end, over, taken) => {
    const little = { frame: 262_144, msg: 200_000, inflight: 8 };
    bed = depotBed(end === 'client' ? { server: { accepts: little } } : { client: { limits: little } });
    const { up, down } = listen();
    await joined();
    const [peer] = bed.server.peers.values();
    const name = end === 'client' ? 'note' : 'news';
    const head = JSON.stringify([1, name, { n: 1, text: '' }]).length;
    const data = { n: 1, text: 'x'.repeat(200_000 - head + over) };
    const send = (): void => (end === 'client' ? bed.client.send('note', data) : peer?.send('news', data));
    if (taken) send();
    else expect(send).toThrow(expect.objectContaining({ code: 'TOO_LARGE', data: { bytes: 200_001, limit: 200_000 } }));
    await bed.clock.advance(1_000);
    expect(end === 'client' ? up : down).toHaveLength(taken ? 1 : 0);
    expect(bed.client.state.status).toBe('connected');
  });

  it('of what waits here: QUEUE_FULL, and room again afterwards', async () => {
    bed = depotBed({ client: { buffer: { largeBytes: 250_000 } } });
    const { up } = listen();
    bed.client.send('note', { n: 1, text: long(100_000) });
    bed.client.send('note', { n: 2, text: long(100_000) });
    expect(() => bed.client.send('note', { n: 3, text: long(100_000) })).toThrow(
      expect.objectContaining({ code: 'QUEUE_FULL' }),
    );
    bed.client.send('other', 4);
    await bed.clock.advance(3_000);
    bed.client.send('note', { n: 5, text: long(100_000) });
    await bed.clock.advance(3_000);
    expect(up.map((line) => line.split(':')[0])).toEqual(['other 4', '1', '2', '5']);
  });

  it('of what waits here, for an answer: the asker is told, and the session goes on', async () => {
    bed = depotBed({ server: { keeps: { ...keeps, largeBytes: 80_000 } } });
    bed.server.handle('echo', (text) => text);
    await joined();
    const answer = bed.client.safeCall('echo', 'x'.repeat(100_000));
    await bed.clock.advance(1_000);
    expect(await answer).toMatchObject({ ok: false, error: { code: 'INVALID_OUTPUT' } });
    expect(bed.client.state.status).toBe('connected');
  });

  it('drop policies drop the oldest large message that has not begun to leave', async () => {
    bed = depotBed({ client: { overflow: 'drop-oldest', buffer: { largeBytes: 250_000 } } });
    const { up } = listen();
    const dropped: string[] = [];
    bed.client.onProblem(({ kind, name }) => dropped.push(`${kind} ${name}`));
    for (const n of [1, 2, 3]) bed.client.send('note', { n, text: long(100_000) });
    await bed.clock.advance(3_000);
    expect(up.map((line) => line[0])).toEqual(['2', '3']);
    expect(dropped).toEqual(['dropped note']);
  });
});

describe('a lost session', () => {
  it('accounts for large messages: what was not complete is unsent and goes on in the next', async () => {
    bed = depotBed();
    bed.link.conditions({ latency: 20 });
    const { up } = listen();
    await joined();
    const losses: unknown[] = [];
    bed.client.onSessionLost(({ outbound: { acked, unsent, unknown } }) =>
      losses.push([acked, unsent.map(({ data }) => (data as { n: number }).n ?? data), unknown.length]),
    );
    bed.client.send('other', 0);
    bed.client.send('note', { n: 1, text: long(70_000) });
    bed.client.send('note', { n: 2, text: long(900_000) });
    bed.client.send('note', { n: 3, text: 'small' });
    await bed.clock.advance(120);
    expect(up.map((line) => line.split(':')[0])).toEqual(['other 0', '1']);
    bed.server.restart();
    await bed.clock.advance(20_000);
    expect(losses).toEqual([[2, [2, 3], 0]]);
    expect(up.map((line) => line.split(':')[0])).toEqual(['other 0', '1', '2', '3']);
  });

  it('names a large message as unknown when its last chunk left and was not acknowledged', async () => {
    bed = depotBed({ client: { requeueUnsent: false } });
    bed.link.conditions({ latency: 200 });
    await joined();
    const unknown: unknown[] = [];
    bed.client.onSessionLost(({ outbound }) => unknown.push(outbound.unknown.map(({ data }) => data)));
    const note = { n: 1, text: 'x'.repeat(65_530) };
    bed.client.send('note', note);
    await bed.clock.advance(450);
    bed.client.send('note', note);
    await bed.clock.advance(50);
    bed.server.restart();
    await bed.clock.advance(20_000);
    expect(unknown.flat()).toEqual([note]);
  });
});

describe('a contract of messages alone', () => {
  const plain = {
    id: 'plain/1',
    clientToServer: { note: message(z.string()) },
    serverToClient: { news: message(z.string()) },
  };

  it('takes what fits a packet, and says what to do for more', async () => {
    await using small = createTestBed(defineContract(plain));
    const heard: number[] = [];
    small.server.on('note', (text) => heard.push(text.length));
    small.client.send('note', 'x'.repeat(200_000));
    expect(() => small.client.send('note', 'x'.repeat(300_000))).toThrow(/largeMessages/);
    await small.clock.advance(100);
    expect(heard).toEqual([200_000]);
    const [peer] = small.server.peers.values();
    expect(() => peer?.send('news', 'x'.repeat(300_000))).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
  });

  it('takes more with `largeMessages`', async () => {
    await using large = createTestBed(defineContract({ ...plain, largeMessages }));
    const heard: number[] = [];
    large.server.on('note', (text) => heard.push(text.length));
    large.client.on('news', (text) => heard.push(text.length));
    large.client.send('note', 'x'.repeat(3_000_000));
    await large.clock.advance(500);
    for (const peer of large.server.peers.values()) peer.send('news', 'x'.repeat(2_000_000));
    await large.clock.advance(500);
    expect(heard).toEqual([3_000_000, 2_000_000]);
  });
});

const keeps = {
  queueCount: 100,
  queueBytes: 1_048_576,
  replayCount: 100,
  replayBytes: 1_048_576,
  largeBytes: 1_000_000,
};
