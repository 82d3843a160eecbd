import type { Problem, Stream, StreamOptions } from '@hawser/core';
import type { TestBed } from '@hawser/core/testing';
import { describe, expect, it } from 'vitest';
import { rejection } from './bed.ts';
import { counting, expectNothingLeft, gather, quiet, riverBed, upTo, type River } from './stream-bed.ts';

/** Asks for a stream of that many numbers. */
type Ask = (count: number, options?: StreamOptions) => Stream<number>;

const ways: Readonly<Record<string, (ask: Ask, bed: TestBed<River>) => Promise<void>>> = {
  'by leaving the loop': async (ask) => {
    for await (const n of ask(1_000_000)) if (n === 10) break;
  },
  'by an error inside the loop': async (ask) => {
    const reading = (async () => {
      for await (const n of ask(1_000_000)) if (n === 10) throw new Error('mine');
    })();
    expect((await rejection(reading)).message).toBe('mine');
  },
  'by return() before the question left': async (ask) => {
    const items = ask(1_000_000)[Symbol.asyncIterator]();
    const asking = [items.next(), items.next()];
    expect(await items.return?.()).toEqual({ done: true, value: undefined });
    expect(await Promise.all(asking)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    expect(await items.next()).toEqual({ done: true, value: undefined });
  },
  'by unsubscribe': async (ask, bed) => {
    const told: number[] = [];
    const subscription = ask(1_000_000).subscribe((n) => {
      told.push(n);
      if (n === 10) subscription.unsubscribe();
    });
    await quiet(bed);
    expect(told).toEqual(upTo(10));
    expect(subscription.closed).toBe(true);
  },
  'by using': async (ask, bed) => {
    const told: number[] = [];
    {
      using _ = ask(1_000_000).subscribe((n) => told.push(n));
      await bed.clock.settle();
    }
    const before = told.length;
    await quiet(bed);
    expect(told.length).toBe(before);
  },
  'by its signal': async (ask, bed) => {
    const controller = new AbortController();
    const { signal } = controller;
    const told: unknown[] = [];
    const reading = gather(ask(1_000_000, { signal }), told);
    ask(1_000_000, { signal }).subscribe({ error: (error) => told.push(error) });
    ask(1_000_000, { signal }).subscribe({});
    await bed.clock.settle();
    const reason = new Error('changed my mind');
    controller.abort(reason);
    expect(await rejection(reading)).toBe(reason);
    expect(told.at(-1)).toBe(reason);
    expect(await rejection(gather(ask(1, { signal })))).toBe(reason);
  },
};

describe.each(['client', 'server'] as const)('a reader at the %s stops', (end) => {
  it.each(Object.entries(ways))('%s: the source ends, its signal fires, nothing is left', async (how, stop) => {
    await using bed = riverBed();
    const problems: Problem[] = [];
    bed.client.onProblem((problem) => problems.push(problem));
    let begun = 0;
    let ended = 0;
    const signals: AbortSignal[] = [];
    async function* source(most: number, { signal }: { readonly signal: AbortSignal }): AsyncIterable<number> {
      begun += 1;
      signals.push(signal);
      try {
        for (let n = 1; n <= most; n += 1) yield n;
      } finally {
        ended += 1;
      }
    }
    bed.server.handle('count', source);
    bed.client.handle('measure', source);
    await bed.client.connect();
    const [peer] = bed.server.peers.values();
    if (!peer) throw new Error('no peer');
    const ask: Ask = (...args) =>
      end === 'client' ? bed.client.stream('count', ...args) : peer.stream('measure', ...args);
    await stop(ask, bed);
    await quiet(bed);
    expect(begun > 0).toBe(how !== 'by return() before the question left');
    expect(ended).toBe(begun);
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
    expect([...problems, ...bed.server.problems]).toEqual([]);
    expectNothingLeft(bed);
    // What came too late was harmless.
    expect(bed.client.state.status).toBe('connected');
  });
});

describe('a reader stops', () => {
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
    bed.server.handle('blobs', () => ['x', 'y'.repeat(17_000_000)]);
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
