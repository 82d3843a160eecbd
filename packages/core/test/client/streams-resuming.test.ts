import { describe, expect, it } from 'vitest';
import { rejection } from './bed.ts';
import { counting, gather, quiet, riverBed, upTo } from './stream-bed.ts';

describe('a dropped link', () => {
  it.each([
    [1, 0],
    [3, 1],
    [7, 2],
    [20, 40],
    [33, 5],
    [64, 300],
  ])('in mid-stream, every %i items, latency %i: nothing is lost or repeated', async (every, latency) => {
    await using bed = riverBed();
    const source = counting();
    bed.server.handle('count', source.handler);
    bed.link.conditions({ latency });
    const got: number[] = [];
    let late = false;
    let settled = false;
    const reading = (async () => {
      for await (const n of bed.client.stream('count', 150)) {
        got.push(n);
        if (n % every === 0 && bed.link.connections < 30) {
          late = !late;
          bed.link.drop({ late });
        }
      }
      settled = true;
    })();
    for (let i = 0; i < 300 && !settled; i += 1) await bed.clock.advance(1_000);
    await reading;
    await bed.clock.advance(60_000);
    expect(got).toEqual(upTo(150));
    expect(bed.link.connections).toBeGreaterThan(2);
    expect(source.ended).toBe(1);
    expect(bed.client.state.status).toBe('connected');
  });

  it('stops the source after its credit, and all of it arrives later', async () => {
    await using bed = riverBed();
    const source = counting();
    bed.server.handle('count', source.handler);
    const got: number[] = [];
    bed.client.stream('count', 500).subscribe((n) => got.push(n));
    await bed.client.connect();
    bed.link.refuse(3);
    bed.link.drop();
    await bed.clock.advance(200);
    expect(source.asked).toBeLessThanOrEqual(got.length + 33);
    await bed.clock.advance(60_000);
    expect(got).toEqual(upTo(500));
  });

  it('keeps a stream that stalled for bytes going, though all acks were lost with the link', async () => {
    await using bed = riverBed();
    const blob = 'x'.repeat(60_000);
    bed.server.handle('blobs', function* () {
      for (let n = 0; n < 40; n += 1) yield blob;
    });
    await bed.client.connect();
    let got = 0;
    bed.link.conditions({ latency: 300 });
    bed.client.stream('blobs', undefined, { window: 64 }).subscribe(() => (got += 1));
    // The items are on their way, and their acks are not.
    await bed.clock.advance(650);
    expect(got).toBe(5);
    bed.link.drop();
    // Not only when the heartbeat brings an ack.
    await bed.clock.advance(3_000);
    expect(got).toBeGreaterThan(5);
    await bed.clock.advance(60_000);
    expect(got).toBe(40);
  });

  it('ends a stream that had left with UNKNOWN_OUTCOME when the session is lost, one that had not with SESSION_LOST', async () => {
    await using bed = riverBed({ client: { requeueUnsent: false } });
    const source = counting();
    bed.server.handle('count', source.handler);
    await bed.client.connect();
    const got: number[] = [];
    const left = rejection(
      (async () => {
        for await (const n of bed.client.stream('count', 1_000_000)) {
          got.push(n);
          if (n === 50) {
            bed.server.restart();
            await bed.clock.settle();
          }
        }
      })(),
    );
    for (let i = 0; i < 50; i += 1) await bed.clock.settle();
    const stayed = rejection(gather(bed.client.stream('count', 5)));
    await bed.clock.advance(20_000);
    expect(await left).toMatchObject({ code: 'UNKNOWN_OUTCOME', executed: 'maybe' });
    expect(await stayed).toMatchObject({ code: 'SESSION_LOST', executed: 'no', retryable: true });
    // What had arrived was read first.
    expect(got).toEqual(upTo(got.length));
    expect(got.length).toBeGreaterThanOrEqual(50);
    expect(source.ended).toBe(1);
    expect(source.signal?.aborted).toBe(true);
  });

  it('carries a stream that never left into the next session', async () => {
    await using bed = riverBed();
    bed.server.handle('count', counting().handler);
    await bed.client.connect();
    bed.server.restart();
    const reading = gather(bed.client.stream('count', 70));
    await bed.clock.advance(20_000);
    expect(await reading).toEqual(upTo(70));
  });
});

describe('a stream of the client', () => {
  it('is read by the server, survives cuts, fails by the contract, and is cancelled', async () => {
    await using bed = riverBed();
    const source = counting();
    bed.client.handle('measure', async function* (count, context) {
      yield* source.handler(count, context);
      if (count === 13) context.fail('STUCK', { at: 13 });
    });
    await bed.client.connect();
    const [peer] = bed.server.peers.values();
    if (!peer) throw new Error('no peer');

    const got: number[] = [];
    let over = false;
    const reading = (async () => {
      for await (const n of peer.stream('measure', 120)) {
        got.push(n);
        if (n % 25 === 0) bed.link.drop({ late: n % 2 === 0 });
      }
      over = true;
    })();
    for (let i = 0; i < 100 && !over; i += 1) await bed.clock.advance(1_000);
    await reading;
    expect(got).toEqual(upTo(120));

    expect(await rejection(gather(peer.stream('measure', 13)))).toMatchObject({ code: 'STUCK', data: { at: 13 } });
    for await (const n of peer.stream('measure', 1_000_000)) if (n === 5) break;
    await quiet(bed);
    expect(source.ended).toBe(3);
    expect(source.asked).toBeLessThanOrEqual(5 + 33);
  });

  it('fails at the server when the session of the client ends, and stops at the client', async () => {
    await using bed = riverBed({ server: { registry: { window: 30_000, sessions: 10, detachedBytes: 1_000_000 } } });
    const source = counting();
    bed.client.handle('measure', source.handler as never);
    await bed.client.connect();
    const [peer] = bed.server.peers.values();
    if (!peer) throw new Error('no peer');
    const items = peer.stream('measure', 1_000_000, { window: 2 })[Symbol.asyncIterator]();
    await items.next();
    await quiet(bed);
    bed.link.refuse(1_000);
    bed.link.drop();
    // One never leaves.
    const late = rejection(gather(peer.stream('measure', 1)));
    await bed.clock.advance(31_000);
    // The two that had arrived are read first.
    expect(await items.next()).toEqual({ done: false, value: 2 });
    expect(await items.next()).toEqual({ done: false, value: 3 });
    expect(await rejection(items.next())).toMatchObject({ code: 'UNKNOWN_OUTCOME' });
    expect(await items.next()).toEqual({ done: true, value: undefined });
    expect(await late).toMatchObject({ code: 'SESSION_LOST' });
    expect(await rejection(gather(peer.stream('measure', 1)))).toMatchObject({ code: 'UNAVAILABLE' });
    bed.link.refuse(0);
    await bed.clock.advance(60_000);
    expect(source.ended).toBe(1);
  });
});
