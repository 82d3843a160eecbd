import { afterEach, describe, expect, it } from 'vitest';
import { defineContract, message, topic } from '@hawser/core';
import { createTestBed, type TestBed } from '@hawser/core/testing';
import * as z from 'zod';
import { boardOf, recorder, topicPackets, type Board } from './topic-bed.ts';
import { bedOf, packetsOf, type Desk } from './bed.ts';

// One-way data that is sent tick by tick; `protocol/README.md` section 5.

let bed: TestBed<Desk>;
let board: TestBed<Board>;
afterEach(async () => {
  await bed?.[Symbol.asyncDispose]();
  await board?.[Symbol.asyncDispose]();
});

const at = new Date(0);

/** Does it in each of so many ticks, with so many of them in a millisecond; counts from 1. */
async function ticks(of: TestBed<Desk> | TestBed<Board>, count: number, each: (n: number) => void): Promise<void> {
  for (let n = 1; n <= count; n += 1) {
    each(n);
    await of.clock.advance(n % 10 === 0 ? 1 : 0);
  }
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

describe('messages', () => {
  it('of a client arrive in order, many to a packet, and at most 4 ms late', async () => {
    bed = bedOf();
    const heard: number[] = [];
    let latest = 0;
    bed.server.on('note', ({ n }) => {
      heard.push(n);
      latest = Math.max(latest, bed.clock.now() - (sentAt[n] as number));
    });
    const sentAt: number[] = [];
    await bed.client.connect();
    await bed.clock.advance(10);
    await ticks(bed, 1_000, (n) => {
      sentAt[n] = bed.clock.now();
      bed.client.send('note', { n });
    });
    await bed.clock.advance(4);
    expect(heard).toEqual(numbers(1_000));
    expect(latest).toBeLessThanOrEqual(4);
    expect(packetsOf(bed, 'client').length).toBeLessThan(60);
  });

  it('of a server as well', async () => {
    bed = bedOf();
    const heard: string[] = [];
    bed.client.on('news', ({ text }) => heard.push(text));
    await bed.client.connect();
    const [peer] = bed.server.peers.values();
    await ticks(bed, 1_000, (n) => peer?.send('news', { at, text: `${n}` }));
    await bed.clock.advance(4);
    expect(heard).toEqual(numbers(1_000).map(String));
    expect(packetsOf(bed, 'server').length).toBeLessThan(120);
  });

  it('that wait are no reason for a call to wait, and come before it', async () => {
    bed = bedOf();
    const heard: string[] = [];
    bed.server.on('note', ({ n }) => heard.push(`note ${n}`));
    bed.server.handle('double', (n) => {
      heard.push(`double ${n}`);
      return n * 2;
    });
    await bed.client.connect();
    await bed.clock.advance(10);
    await ticks(bed, 9, (n) => bed.client.send('note', { n }));
    expect(heard.length).toBeLessThan(9);
    const doubled = bed.client.call('double', 7);
    await bed.clock.advance(0);
    expect(await doubled).toBe(14);
    expect(heard).toEqual([...numbers(9).map((n) => `note ${n}`), 'double 7']);
  });

  it('that wait survive a cut', async () => {
    bed = bedOf();
    const heard: number[] = [];
    bed.server.on('note', ({ n }) => heard.push(n));
    await bed.client.connect();
    await bed.clock.advance(10);
    await ticks(bed, 9, (n) => bed.client.send('note', { n }));
    bed.link.drop();
    await bed.clock.advance(10_000);
    expect(heard).toEqual(numbers(9));
  });

  it.each([
    ['disconnect', () => bed.client.disconnect()],
    ['close', () => bed.client.close()],
  ])('that wait leave before a %s', async (_, leave) => {
    bed = bedOf();
    const heard: number[] = [];
    bed.server.on('note', ({ n }) => heard.push(n));
    await bed.client.connect();
    await bed.clock.advance(10);
    await ticks(bed, 9, (n) => bed.client.send('note', { n }));
    expect(heard.length).toBeLessThan(9);
    const gone = leave();
    await bed.clock.advance(5_000);
    await gone;
    expect(heard).toEqual(numbers(9));
  });

  it('that wait leave before the server closes the connection', async () => {
    bed = bedOf();
    const heard: string[] = [];
    bed.client.on('news', ({ text }) => heard.push(text));
    await bed.client.connect();
    await bed.clock.advance(10);
    const [peer] = bed.server.peers.values();
    await ticks(bed, 9, (n) => peer?.send('news', { at, text: `${n}` }));
    expect(heard.length).toBeLessThan(9);
    peer?.close();
    await bed.clock.advance(10);
    expect(heard).toEqual(numbers(9).map(String));
  });
});

describe('topics', () => {
  it('arrive in order, many to a packet, with no hole', async () => {
    board = boardOf();
    const { told, ...observer } = recorder<string>();
    board.client.topic('notices').subscribe(observer);
    await board.clock.advance(100);
    const before = topicPackets(board, 'server').length;
    await ticks(board, 200, (n) => board.server.publish('notices', undefined, `${n}`));
    await board.clock.advance(4);
    expect(told).toEqual(numbers(200).map((n) => `"${n}" @${n}`));
    expect(topicPackets(board, 'server').length - before).toBeLessThan(40);
  });

  it('are published at once to whoever hears little', async () => {
    board = boardOf();
    const { told, ...observer } = recorder<string>();
    board.client.topic('notices').subscribe(observer);
    await board.clock.advance(100);
    for (let n = 1; n <= 10; n += 1) {
      board.server.publish('notices', undefined, `${n}`);
      await board.clock.advance(0);
      expect(told).toHaveLength(n);
      await board.clock.advance(5);
    }
  });

  it('do not overtake messages that wait', async () => {
    const both = defineContract({
      id: 'both/1',
      topics: { ticks: topic({ data: z.number() }) },
      serverToClient: { news: message(z.number()) },
    });
    await using mixed = createTestBed(both);
    const heard: string[] = [];
    mixed.client.on('news', (n) => heard.push(`news ${n}`));
    mixed.client.topic('ticks').subscribe((n) => heard.push(`tick ${n}`));
    await mixed.clock.advance(100);
    const [peer] = mixed.server.peers.values();
    for (let n = 1; n <= 9; n += 1) {
      peer?.send('news', n);
      await mixed.clock.advance(0);
    }
    expect(heard.length).toBeLessThan(9);
    mixed.server.publish('ticks', undefined, 10);
    await mixed.clock.advance(4);
    expect(heard).toEqual([...numbers(9).map((n) => `news ${n}`), 'tick 10']);
  });
});
