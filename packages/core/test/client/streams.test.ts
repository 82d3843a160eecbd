import type { Problem } from '@hawser/core';
import { describe, expect, it } from 'vitest';
import { rejection } from './bed.ts';
import { counting, gather, riverBed, upTo } from './stream-bed.ts';

/** Lets everything run that can without the time moving. */
async function quiet(bed: ReturnType<typeof riverBed>): Promise<void> {
  for (let i = 0; i < 20; i += 1) await bed.clock.settle();
}

/** Everything is settled: no stream is open at the client, no handler runs at the server. */
function expectNothingLeft(bed: ReturnType<typeof riverBed>): void {
  for (const peer of bed.server.peers.values()) {
    expect((peer as unknown as { runningHandlers: number }).runningHandlers).toBe(0);
  }
}

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
      server: { keeps: { queueCount: 100, queueBytes: 1_048_576, replayCount: 100, replayBytes: 1_048_576 } },
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

describe('a reader stops', () => {
  const ways = {
    'by leaving the loop': async (bed: ReturnType<typeof riverBed>) => {
      for await (const n of bed.client.stream('count', 1_000_000)) if (n === 10) break;
    },
    'by an error inside the loop': async (bed: ReturnType<typeof riverBed>) => {
      const reading = (async () => {
        for await (const n of bed.client.stream('count', 1_000_000)) if (n === 10) throw new Error('mine');
      })();
      expect((await rejection(reading)).message).toBe('mine');
    },
    'by return() while an item is waited for': async (bed: ReturnType<typeof riverBed>) => {
      const items = bed.client.stream('count', 1_000_000)[Symbol.asyncIterator]();
      const asking = [items.next(), items.next()];
      expect(await items.return?.()).toEqual({ done: true, value: undefined });
      expect(await Promise.all(asking)).toEqual([
        { done: true, value: undefined },
        { done: true, value: undefined },
      ]);
      expect(await items.next()).toEqual({ done: true, value: undefined });
    },
    'by unsubscribe': async (bed: ReturnType<typeof riverBed>) => {
      const told: number[] = [];
      const subscription = bed.client.stream('count', 1_000_000).subscribe((n) => {
        told.push(n);
        if (n === 10) subscription.unsubscribe();
      });
      await quiet(bed);
      expect(told).toEqual(upTo(10));
      expect(subscription.closed).toBe(true);
    },
    'by using': async (bed: ReturnType<typeof riverBed>) => {
      const told: number[] = [];
      {
        using _ = bed.client.stream('count', 1_000_000).subscribe((n) => told.push(n));
        await bed.clock.settle();
      }
      const before = told.length;
      await quiet(bed);
      expect(told.length).toBe(before);
    },
    'by its signal': async (bed: ReturnType<typeof riverBed>) => {
      const controller = new AbortController();
      const { signal } = controller;
      const told: unknown[] = [];
      const reading = gather(bed.client.stream('count', 1_000_000, { signal }), told);
      bed.client.stream('count', 1_000_000, { signal }).subscribe({ error: (error) => told.push(error) });
      bed.client.stream('count', 1_000_000, { signal }).subscribe({});
      await bed.clock.settle();
      const reason = new Error('changed my mind');
      controller.abort(reason);
      expect(await rejection(reading)).toBe(reason);
      expect(told.at(-1)).toBe(reason);
      expect(await rejection(gather(bed.client.stream('count', 1, { signal })))).toBe(reason);
    },
  };

  it.each(Object.entries(ways))('%s: the source ends, its signal fires, nothing is left', async (_, stop) => {
    await using bed = riverBed();
    const problems: Problem[] = [];
    bed.client.onProblem((problem) => problems.push(problem));
    let begun = 0;
    let ended = 0;
    const signals: AbortSignal[] = [];
    bed.server.handle('count', async function* (upTo, { signal }) {
      begun += 1;
      signals.push(signal);
      try {
        for (let n = 1; n <= upTo; n += 1) yield n;
      } finally {
        ended += 1;
      }
    });
    await bed.client.connect();
    await stop(bed);
    await quiet(bed);
    expect(ended).toBe(begun);
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
    expect([...problems, ...bed.server.problems]).toEqual([]);
    expectNothingLeft(bed);
    // What came too late was harmless.
    expect(bed.client.state.status).toBe('connected');
  });

  it('ends a source that waits and only listens to its signal, without calling that a problem', async () => {
    await using bed = riverBed();
    let ended = 0;
    bed.server.handle('count', async function* (_, { signal }) {
      try {
        yield 1;
        await new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
        );
      } finally {
        ended += 1;
      }
    });
    const items = bed.client.stream('count', 1)[Symbol.asyncIterator]();
    await items.next();
    await quiet(bed);
    await items.return?.();
    await quiet(bed);
    expect(ended).toBe(1);
    expect(bed.server.problems).toEqual([]);
    expectNothingLeft(bed);
  });

  it('counts a source as running until it has ended', async () => {
    await using bed = riverBed({ server: { runningHandlers: 1 } });
    let begun = 0;
    let finish = (): void => undefined;
    bed.server.handle('count', async function* () {
      begun += 1;
      try {
        yield 1;
      } finally {
        await new Promise<void>((resolve) => (finish = resolve));
      }
    });
    const first = bed.client.stream('count', 1)[Symbol.asyncIterator]();
    await first.next();
    await first.return?.();
    const second = bed.client.stream('count', 1)[Symbol.asyncIterator]();
    const item = second.next();
    await quiet(bed);
    expect(begun).toBe(1);
    finish();
    expect(await item).toEqual({ done: false, value: 1 });
    await second.return?.();
    await quiet(bed);
    finish();
    await quiet(bed);
    expectNothingLeft(bed);
  });
});

describe('a stream that fails', () => {
  it('gives what came before, then the error of the contract, with its data', async () => {
    await using bed = riverBed();
    bed.server.handle('count', function* (upTo, { fail }) {
      for (let n = 1; n <= upTo; n += 1) yield n;
      fail('STUCK', { at: upTo });
    });
    const got: number[] = [];
    expect(await rejection(gather(bed.client.stream('count', 40), got))).toMatchObject({
      code: 'STUCK',
      origin: 'domain',
      data: { at: 40 },
      executed: 'yes',
    });
    expect(got).toEqual(upTo(40));
    const told: unknown[] = [];
    bed.client.stream('count', 2).subscribe({ next: (n) => told.push(n), error: (error) => told.push(error) });
    await quiet(bed);
    expect(told).toMatchObject([1, 2, { code: 'STUCK', data: { at: 2 } }]);
    expect(bed.server.problems).toEqual([]);
  });

  it('keeps what a handler threw inside', async () => {
    await using bed = riverBed();
    bed.server.handle('count', async function* () {
      yield 1;
      throw new Error('password is hunter2');
    });
    const error = await rejection(gather(bed.client.stream('count', 40)));
    expect(error).toMatchObject({ code: 'INTERNAL' });
    expect(JSON.stringify(error) + error.message).not.toContain('hunter2');
    expect(bed.server.problems).toMatchObject([{ kind: 'handler-error', name: 'count' }]);
    expectNothingLeft(bed);
  });

  it.each([
    ['nothing', () => undefined],
    ['a promise', () => Promise.resolve([1])],
    ['a number', () => 7],
    ['an iterator that throws at once', () => ({ [Symbol.iterator]: () => ({ next: () => rejectNow() }) })],
  ])('because its handler returned %s: INTERNAL', async (_, handler) => {
    await using bed = riverBed();
    bed.server.handle('count', handler as never);
    expect(await rejection(gather(bed.client.stream('count', 1)))).toMatchObject({ code: 'INTERNAL' });
    expectNothingLeft(bed);
  });

  it('is refused before it began: no handler, wrong input, too many', async () => {
    await using bed = riverBed({ server: { accepts: { frame: 262_144, msg: 200_000, inflight: 2 } } });
    expect(await rejection(gather(bed.client.stream('count', 1)))).toMatchObject({
      code: 'UNIMPLEMENTED',
      executed: 'no',
    });
    bed.server.handle('count', counting().handler);
    expect(await rejection(gather(bed.client.stream('count', 'x' as unknown as number)))).toMatchObject({
      code: 'INVALID_INPUT',
    });
    const open = [1, 2].map(() => bed.client.stream('count', 1e6).subscribe(() => undefined));
    const told: unknown[] = [];
    bed.client.stream('count', 1).subscribe({ error: (error) => told.push(error) });
    expect(told).toMatchObject([{ code: 'RATE_LIMITED', executed: 'no' }]);
    for (const subscription of open) subscription.unsubscribe();
  });

  it('ends with INVALID_OUTPUT at an item that is not as agreed, and the source is stopped', async () => {
    await using bed = riverBed();
    let ended = 0;
    bed.server.handle('count', async function* () {
      try {
        yield 1;
        yield 'two' as unknown as number;
        for (;;) yield 3;
      } finally {
        ended += 1;
      }
    });
    const got: number[] = [];
    expect(await rejection(gather(bed.client.stream('count', 1), got))).toMatchObject({ code: 'INVALID_OUTPUT' });
    expect(got).toEqual([1]);
    await quiet(bed);
    expect(ended).toBe(1);
    expectNothingLeft(bed);
  });

  it('is stopped at its source when outgoing items are checked, or cannot be encoded', async () => {
    await using bed = riverBed({ server: { validation: 'both' }, client: { validate: 'off' } });
    let ended = 0;
    const yielding = (bad: unknown) =>
      function* () {
        try {
          yield 1;
          yield bad as number;
        } finally {
          ended += 1;
        }
      };
    for (const bad of ['two', 10n]) {
      const stop = bed.server.handle('count', yielding(bad));
      const got: unknown[] = [];
      expect(await rejection(gather(bed.client.stream('count', 1), got))).toMatchObject({ code: 'INVALID_OUTPUT' });
      expect(got).toEqual([1]);
      stop();
    }
    bed.server.handle('blobs', () => ['x', 'y'.repeat(300_000)]);
    expect(await rejection(gather(bed.client.stream('blobs')))).toMatchObject({ code: 'INVALID_OUTPUT' });
    expect(ended).toBe(2);
    expect(bed.server.problems.map(({ error }) => error.code)).toEqual(Array(3).fill('INVALID_OUTPUT'));
  });

  it('is reported where the reader takes no errors, and so is a reader that throws, which reads on', async () => {
    await using bed = riverBed();
    const problems: Problem[] = [];
    bed.client.onProblem((problem) => problems.push(problem));
    bed.server.handle('count', function* (_, { fail }) {
      yield 1;
      yield 2;
      fail('DRY');
    });
    const got: number[] = [];
    bed.client.stream('count', 1).subscribe((n) => {
      got.push(n);
      if (n === 1) throw new Error('mine');
    });
    await quiet(bed);
    expect(got).toEqual([1, 2]);
    expect(problems).toMatchObject([
      { kind: 'handler-error', name: 'count', error: { cause: { message: 'mine' } } },
      { kind: 'handler-error', name: 'count', error: { cause: { code: 'DRY' } } },
    ]);
  });
});

function rejectNow(): never {
  throw new Error('no');
}

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
