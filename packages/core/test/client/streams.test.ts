import { describe, expect, it } from 'vitest';
import { rejection } from './bed.ts';
import { counting, expectNothingLeft, gather, quiet, riverBed, upTo } from './stream-bed.ts';

describe('a stream of the server', () => {
  it.each(['handler', 'plain'] as const)('is read to its end with for await (%s)', async (how) => {
    await using bed = riverBed();
    const source = counting();
    bed.server.handle('count', source[how]);
    expect(await gather(bed.client.stream('count', 200))).toEqual(upTo(200));
    expect([source.asked, source.ended]).toEqual([200, 1]);
    expectNothingLeft(bed);
  });

  it('is asked for anew by each reader, and not before anybody reads', async () => {
    await using bed = riverBed();
    const source = counting();
    bed.server.handle('count', source.handler);
    const stream = bed.client.stream('count', 3);
    const unread = stream[Symbol.asyncIterator]();
    await quiet(bed);
    expect([bed.link.connections, source.asked]).toEqual([0, 0]);
    expect(await unread.return?.()).toEqual({ done: true, value: undefined });
    expect(await Promise.all([gather(stream), gather(stream)])).toEqual([upTo(3), upTo(3)]);
    expect(source.ended).toBe(2);
  });

  it('is told to an observer, item by item, then its end', async () => {
    await using bed = riverBed();
    bed.server.handle('count', counting().handler);
    const told: unknown[] = [];
    const subscription = bed.client.stream('count', 100).subscribe({
      next: (n) => told.push(n),
      complete: () => told.push('complete'),
      error: (error) => told.push(error),
    });
    expect(subscription.closed).toBe(false);
    await quiet(bed);
    expect(told).toEqual([...upTo(100), 'complete']);
    expect(subscription.closed).toBe(true);
    subscription.unsubscribe();
  });

  it('passes items through the schema, and carries items without a payload', async () => {
    await using bed = riverBed();
    bed.server.handle('dates', () => [new Date(0), new Date(1)]);
    bed.server.handle('ticks', () => [undefined, undefined]);
    expect(await gather(bed.client.stream('dates'))).toEqual([new Date(0), new Date(1)]);
    expect(await gather(bed.client.stream('ticks'))).toEqual([undefined, undefined]);
  });

  it('refuses a window that cannot be, and a name that is no stream', async () => {
    await using bed = riverBed();
    for (const window of [0, -1, 1.5, 1_025, Number.NaN, '3' as unknown as number])
      expect(() => bed.client.stream('count', 1, { window })).toThrow(TypeError);
    for (const name of ['note', 'nothing'])
      expect(() => bed.client.stream(name as 'count', 1)).toThrow(expect.objectContaining({ code: 'UNIMPLEMENTED' }));
  });
});

describe('back-pressure', () => {
  it.each([
    ['handler', 32, undefined],
    ['plain', 32, undefined],
    ['handler', 5, 5],
    ['plain', 1, 1],
  ] as const)('reaches the source (%s, window %i)', async (how, most, window) => {
    await using bed = riverBed();
    const source = counting();
    bed.server.handle('count', source[how]);
    const stream = bed.client.stream('count', 1_000_000, window === undefined ? {} : { window });
    const items = stream[Symbol.asyncIterator]();
    for (let n = 1; n <= 100; n += 1) {
      expect(await items.next()).toEqual({ done: false, value: n });
      await quiet(bed);
      expect(source.asked).toBeGreaterThan(n - 1);
      expect(source.asked).toBeLessThanOrEqual(n + most);
    }
    await items.return?.();
    await quiet(bed);
    expect(source.ended).toBe(1);
    expectNothingLeft(bed);
  });

  it('stops large items at a cap of bytes, and goes on when they are acknowledged', async () => {
    await using bed = riverBed();
    const blob = 'x'.repeat(50_000);
    let asked = 0;
    bed.server.handle('blobs', function* () {
      for (; asked < 200; asked += 1) yield blob;
    });
    // Acknowledgements take a while.
    bed.link.conditions({ latency: 100 });
    const connecting = bed.client.connect();
    await bed.clock.advance(500);
    await connecting;
    let got = 0;
    bed.client.stream('blobs', undefined, { window: 1_024 }).subscribe(() => (got += 1));
    await bed.clock.advance(101);
    // 262,144 bytes and the one that passes them, after which nothing more was asked for.
    expect([asked, got]).toEqual([5, 0]);
    await bed.clock.advance(10_000);
    expect(got).toBe(200);
  });

  it('grants nothing while much waits unread', async () => {
    await using bed = riverBed();
    const blob = 'x'.repeat(100_000);
    let asked = 0;
    bed.server.handle('blobs', function* () {
      for (;;) {
        asked += 1;
        yield blob;
      }
    });
    const items = bed.client.stream('blobs', undefined, { window: 8 })[Symbol.asyncIterator]();
    for (let n = 1; n <= 5; n += 1) {
      await items.next();
      await quiet(bed);
    }
    // Five of eight were read: half the window, and three still wait, so nothing more was asked for.
    expect(asked).toBe(8);
    await items.next();
    await quiet(bed);
    expect(asked).toBeGreaterThan(8);
    await items.return?.();
  });

  it('leaves room for messages: streams stop while the queue fills', async () => {
    await using bed = riverBed({
      server: {
        keeps: {
          queueCount: 100,
          queueBytes: 1_048_576,
          replayCount: 100,
          replayBytes: 1_048_576,
          largeBytes: 1_000_000,
        },
      },
    });
    const source = counting();
    bed.server.handle('count', source.plain);
    const got: number[] = [];
    for (let i = 0; i < 5; i += 1) bed.client.stream('count', 300, { window: 300 }).subscribe((n) => got.push(n));
    await quiet(bed);
    bed.link.halfOpen();
    await bed.clock.advance(180_000);
    expect(got.length).toBe(1_500);
    expect(bed.client.state.status).toBe('connected');
  });
});

describe('the client', () => {
  it('does not go idle while a stream is read, and does afterwards', async () => {
    await using bed = riverBed({ client: { idleTimeout: 1_000 } });
    let give = (): void => undefined;
    bed.server.handle('ticks', async function* () {
      await new Promise<void>((resolve) => (give = resolve));
      yield undefined;
    });
    const items = bed.client.stream('ticks')[Symbol.asyncIterator]();
    const item = items.next();
    await bed.clock.advance(60_000);
    expect(bed.client.state.status).toBe('connected');
    give();
    expect(await item).toEqual({ done: false, value: undefined });
    expect(await items.next()).toEqual({ done: true, value: undefined });
    await bed.clock.advance(60_000);
    expect(bed.client.state.status).toBe('idle');
  });

  it('ends its streams when it closes', async () => {
    await using bed = riverBed();
    const source = counting();
    bed.server.handle('count', source.handler);
    await bed.client.connect();
    const told: unknown[] = [];
    bed.client.stream('count', 1e6, { window: 4 }).subscribe({ error: (error) => told.push(error) });
    const items = bed.client.stream('count', 1e6)[Symbol.asyncIterator]();
    await items.next();
    void bed.client.close();
    await bed.clock.advance(2_000);
    expect(told).toMatchObject([{ code: 'UNKNOWN_OUTCOME' }]);
    expect(source.ended).toBe(2);
    expect(await rejection(gather(bed.client.stream('count', 1)))).toMatchObject({ code: 'UNAVAILABLE' });
  });
});
