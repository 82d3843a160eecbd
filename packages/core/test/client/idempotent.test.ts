import { call, defineContract, type Client } from '@hawser/core';
import { createTestBed, type TestBed, type TestBedOptions } from '@hawser/core/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { rejection } from './bed.ts';

const shop = defineContract({
  id: 'shop/1',
  clientToServer: {
    pay: call({
      input: z.object({ cents: z.number() }),
      output: z.object({ receipt: z.number() }),
      errors: { BROKE: z.object({ cents: z.number() }) },
      idempotent: true,
    }),
    tip: call({ input: z.object({ cents: z.number() }), output: z.object({ receipt: z.number() }) }),
  },
  serverToClient: { confirm: call({ output: z.string(), idempotent: true }) },
});
type Shop = typeof shop;

interface Run {
  readonly name: string;
  readonly cents: number;
  readonly signal: AbortSignal;
  answer(): void;
  fail(error: Error): void;
}

/** A connected bed whose handlers run until they are told to answer. */
async function open(options: TestBedOptions<Shop> = {}): Promise<{ bed: TestBed<Shop>; runs: Run[] }> {
  const bed = createTestBed(shop, options);
  const runs: Run[] = [];
  for (const name of ['pay', 'tip'] as const) {
    bed.server.handle(name, ({ cents }, { signal }) => {
      const receipt = runs.length + 1;
      return new Promise((resolve, reject) => {
        runs.push({ name, cents, signal, answer: () => resolve({ receipt }), fail: reject });
      });
    });
  }
  await bed.client.connect();
  return { bed, runs };
}

/** The server forgets the client's session, which stays away longer than its window; the process lives. */
async function loseSession(bed: TestBed<Shop>): Promise<void> {
  bed.link.refuse(Number.POSITIVE_INFINITY);
  bed.link.drop();
  await bed.clock.advance(31_000);
  bed.link.refuse(0);
  await bed.clock.advance(40_000);
  expect(bed.client.state.status).toBe('connected');
}

/** How a promise ended so far; a test that waits for one that never does would not say why it failed. */
function watch(promise: Promise<unknown>): { outcome: unknown } {
  const seen: { outcome: unknown } = { outcome: 'none' };
  promise.then(
    (value) => (seen.outcome = value),
    (error: unknown) => (seen.outcome = error),
  );
  return seen;
}

const brief: TestBedOptions<Shop> = {
  server: { registry: { window: 30_000, sessions: 10, detachedBytes: 1_000_000 } },
  client: { callTimeout: 200_000 },
};

describe('a call whose answer is lost with its session', () => {
  it('runs once, and is answered once, when it is idempotent; others end with UNKNOWN_OUTCOME', async () => {
    const { bed, runs } = await open(brief);
    await using _ = bed;
    const paid = bed.client.call('pay', { cents: 5 });
    const tipped = rejection(bed.client.call('tip', { cents: 1 }));
    await bed.clock.settle();
    expect(runs.map(({ name }) => name)).toEqual(['pay', 'tip']);
    await loseSession(bed);
    expect(await tipped).toMatchObject({ code: 'UNKNOWN_OUTCOME', executed: 'maybe' });
    // Nobody can get the answer of the one any more; of the other, the client can.
    expect(runs.map(({ signal }) => signal.aborted)).toEqual([false, true]);
    runs[0]?.answer();
    expect(await paid).toEqual({ receipt: 1 });
    expect(runs.length).toBe(2);
  });

  it('gets the answer that was given while the client was away', async () => {
    const { bed, runs } = await open(brief);
    await using _ = bed;
    const paid = bed.client.call('pay', { cents: 5 });
    await bed.clock.settle();
    bed.link.refuse(Number.POSITIVE_INFINITY);
    bed.link.drop();
    await bed.clock.advance(31_000);
    expect(bed.server.peers.size).toBe(0);
    runs[0]?.answer();
    await bed.clock.settle();
    bed.link.refuse(0);
    await bed.clock.advance(40_000);
    expect(await paid).toEqual({ receipt: 1 });
    expect(runs.length).toBe(1);
  });

  it('gets the answer that was on its way when the session was lost', async () => {
    const { bed, runs } = await open(brief);
    await using _ = bed;
    bed.link.conditions({ latency: 1_000 });
    const paid = bed.client.call('pay', { cents: 5 });
    await bed.clock.advance(1_500);
    runs[0]?.answer();
    await bed.clock.advance(100);
    bed.link.conditions({});
    await loseSession(bed);
    expect(await paid).toEqual({ receipt: 1 });
    expect(runs.length).toBe(1);
  });

  it('also when the answer is that the handler failed', async () => {
    const { bed, runs } = await open(brief);
    await using _ = bed;
    const paid = rejection(bed.client.call('pay', { cents: 5 }));
    await bed.clock.settle();
    await loseSession(bed);
    runs[0]?.fail(new Error('boom'));
    expect(await paid).toMatchObject({ code: 'INTERNAL', executed: 'maybe' });
    expect(runs.length).toBe(1);
  });

  it('asks in the order of the ids, before what never left, and tells of all of it where it stood', async () => {
    const { bed, runs } = await open({ ...brief, client: { callTimeout: 200_000, requeueUnsent: false } });
    await using _ = bed;
    const losses: unknown[] = [];
    bed.client.onSessionLost(({ outbound, requeued }) =>
      losses.push([outbound.acked, outbound.unsent.map(({ data }) => data), requeued]),
    );
    const first = [1, 2].map((cents) => bed.client.call('pay', { cents }));
    await bed.clock.advance(2_000);
    bed.link.refuse(Number.POSITIVE_INFINITY);
    bed.link.drop();
    await bed.clock.advance(1_000);
    const then = [3, 4].map((cents) => bed.client.call('pay', { cents }));
    const lost = rejection(bed.client.call('tip', { cents: 9 }));
    await bed.clock.advance(31_000);
    bed.link.refuse(0);
    await bed.clock.advance(40_000);
    expect(await lost).toMatchObject({ code: 'SESSION_LOST', executed: 'no' });
    expect(runs.map(({ cents }) => cents)).toEqual([1, 2, 3, 4]);
    for (const run of runs) run.answer();
    expect(await Promise.all([...first, ...then])).toEqual([1, 2, 3, 4].map((receipt) => ({ receipt })));
    expect(losses).toEqual([[2, [{ cents: 3 }, { cents: 4 }, { cents: 9 }], false]]);
  });

  it('keeps its deadline, and never says that it did not run', async () => {
    const { bed } = await open(brief);
    await using _ = bed;
    const late = rejection(bed.client.call('pay', { cents: 5 }, { timeout: 40_000 }));
    await bed.clock.settle();
    bed.link.refuse(Number.POSITIVE_INFINITY);
    bed.link.drop();
    bed.server.restart();
    await bed.clock.advance(39_000);
    bed.link.refuse(0);
    await bed.clock.advance(2_000);
    expect(await late).toMatchObject({ code: 'TIMEOUT', executed: 'maybe', retryable: false });
  });

  it('that is refused in the next session may still have run in the one before', async () => {
    const bed = createTestBed(shop, brief);
    await using _ = bed;
    const stop = bed.server.handle('pay', () => new Promise(() => undefined));
    await bed.client.connect();
    const refused = rejection(bed.client.call('pay', { cents: 5 }));
    await bed.clock.settle();
    stop();
    bed.server.restart();
    await bed.clock.advance(20_000);
    expect(await refused).toMatchObject({ code: 'UNIMPLEMENTED', executed: 'maybe' });
  });

  it('runs again in a new server process, which remembers nothing', async () => {
    const { bed, runs } = await open(brief);
    await using _ = bed;
    const paid = bed.client.call('pay', { cents: 5 });
    await bed.clock.settle();
    bed.server.restart();
    await bed.clock.advance(20_000);
    expect(runs.length).toBe(2);
    runs[1]?.answer();
    expect(await paid).toEqual({ receipt: 2 });
  });

  it('is not asked again as somebody else, nor after this side ended the session', async () => {
    let user = 'ada';
    const { bed, runs } = await open({ ...brief, client: { auth: () => user } });
    await using _ = bed;
    const stolen = watch(bed.client.call('pay', { cents: 5 }));
    await bed.clock.settle();
    user = 'eve';
    bed.link.drop();
    await bed.clock.advance(10_000);
    expect(stolen.outcome).toMatchObject({ code: 'UNKNOWN_OUTCOME' });
    const left = watch(bed.client.call('pay', { cents: 6 }));
    await bed.clock.settle();
    await Promise.all([bed.client.disconnect(), bed.clock.advance(3_000)]);
    expect(left.outcome).toMatchObject({ code: 'UNKNOWN_OUTCOME' });
    await bed.client.connect();
    expect(runs.map(({ cents, signal }) => [cents, signal.aborted])).toEqual([
      [5, false],
      [6, true],
    ]);
  });

  it('is not asked again as somebody else by a server that knows nothing of the one before', async () => {
    let user = 'ada';
    const { bed, runs } = await open({ ...brief, client: { auth: () => user } });
    await using _ = bed;
    const stolen = watch(bed.client.call('pay', { cents: 5 }));
    await bed.clock.settle();
    bed.server.restart();
    user = 'eve';
    await bed.clock.advance(20_000);
    expect(bed.client.state.status).toBe('connected');
    expect(stolen.outcome).toMatchObject({ code: 'UNKNOWN_OUTCOME', executed: 'maybe' });
    expect(runs.length).toBe(1);
    // Her own goes on as ever.
    const own = watch(bed.client.call('pay', { cents: 6 }));
    await bed.clock.settle();
    bed.server.restart();
    await bed.clock.advance(20_000);
    runs[2]?.answer();
    await bed.clock.settle();
    expect(own.outcome).toEqual({ receipt: 3 });
  });

  it('is not asked again by the server: the client it asked is gone', async () => {
    const { bed } = await open(brief);
    await using _ = bed;
    bed.client.handle('confirm', () => new Promise<string>(() => undefined));
    const [peer] = bed.server.peers.values();
    const asked = rejection(peer?.call('confirm') as Promise<string>);
    await bed.clock.settle();
    await loseSession(bed);
    expect(await asked).toMatchObject({ code: 'UNKNOWN_OUTCOME' });
  });
});

describe('a call with the same idempotency key', () => {
  const same = { idempotencyKey: 'order-7' };

  it('waits for the first one, and later gets its answer, in any session of the same user', async () => {
    const { bed, runs } = await open();
    await using _ = bed;
    const other = bed.connectClient();
    const both = [bed.client, other].map((client) => client.call('pay', { cents: 5 }, same));
    await bed.clock.settle();
    expect(runs.length).toBe(1);
    runs[0]?.answer();
    expect(await Promise.all(both)).toEqual([{ receipt: 1 }, { receipt: 1 }]);
    expect(await other.call('pay', { cents: 5 }, same)).toEqual({ receipt: 1 });
    expect(runs.length).toBe(1);
  });

  it('is another call for another user, with another name, or without a mark in the contract', async () => {
    const { bed, runs } = await open();
    await using _ = bed;
    const ask = (client: Client<Shop>, name: 'pay' | 'tip'): void => {
      void client.call(name, { cents: 5 }, same).catch(() => undefined);
    };
    ask(bed.client, 'pay');
    ask(bed.connectClient({ auth: 'eve' }), 'pay');
    ask(bed.client, 'tip');
    ask(bed.client, 'tip');
    await bed.clock.settle();
    expect(runs.map(({ name }) => name)).toEqual(expect.arrayContaining(['pay', 'tip']));
    expect(runs.length).toBe(4);
  });

  it('conflicts with another input', async () => {
    const { bed, runs } = await open();
    await using _ = bed;
    const paid = bed.client.call('pay', { cents: 5 }, same);
    await bed.clock.settle();
    expect(await rejection(bed.client.call('pay', { cents: 6 }, same))).toMatchObject({ code: 'CONFLICT' });
    runs[0]?.answer();
    await paid;
    expect(await rejection(bed.client.call('pay', { cents: 6 }, same))).toMatchObject({ code: 'CONFLICT' });
    expect(runs.length).toBe(1);
  });

  it('runs anew after a refusal, and after a handler that was told to stop', async () => {
    const { bed, runs } = await open();
    await using _ = bed;
    const refused = rejection(bed.client.call('pay', { cents: 'x' as unknown as number }, same));
    expect(await refused).toMatchObject({ code: 'INVALID_INPUT', executed: 'no' });
    const stop = new AbortController();
    const gone = rejection(bed.client.call('pay', { cents: 5 }, { ...same, signal: stop.signal }));
    await bed.clock.settle();
    stop.abort(new Error('enough'));
    expect((await gone).message).toBe('enough');
    await bed.clock.settle();
    expect(runs[0]?.signal.aborted).toBe(true);
    // It comes while the first one is on its way out.
    const again = watch(bed.client.call('pay', { cents: 5 }, same));
    await bed.clock.settle();
    expect(runs.length).toBe(1);
    runs[0]?.fail(new Error('stopped'));
    await bed.clock.settle();
    expect(runs.length).toBe(2);
    runs[1]?.answer();
    await bed.clock.settle();
    expect(again.outcome).toEqual({ receipt: 2 });
  });

  it('keeps the handler running as long as one of those who asked waits', async () => {
    const { bed, runs } = await open();
    await using _ = bed;
    const stop = new AbortController();
    const gone = rejection(bed.client.call('pay', { cents: 5 }, { ...same, signal: stop.signal }));
    const stays = bed.connectClient().call('pay', { cents: 5 }, same);
    await bed.clock.settle();
    stop.abort(new Error('enough'));
    await gone;
    await bed.clock.settle();
    expect(runs[0]?.signal.aborted).toBe(false);
    runs[0]?.answer();
    expect(await stays).toEqual({ receipt: 1 });
  });

  it('frees its place when it stops waiting', async () => {
    const { bed, runs } = await open({ server: { runningHandlers: 2 } });
    await using _ = bed;
    void bed.client.call('pay', { cents: 5 }, same).catch(() => undefined);
    for (let n = 0; n < 10; n += 1) {
      const stop = new AbortController();
      const gone = rejection(bed.client.call('pay', { cents: 5 }, { ...same, signal: stop.signal }));
      await bed.clock.settle();
      stop.abort(new Error('enough'));
      await gone;
    }
    const tipped = watch(bed.client.call('tip', { cents: 1 }));
    await bed.clock.settle();
    runs[1]?.answer();
    await bed.clock.settle();
    expect(tipped.outcome).toEqual({ receipt: 2 });
  });

  it('is forgotten in time', async () => {
    const { bed, runs } = await open({
      server: { answers: { count: 10, each: 10, bytes: 10_000, age: 60_000 } },
    });
    await using _ = bed;
    for (const wait of [0, 59_000, 2_000]) {
      await bed.clock.advance(wait);
      void bed.client.call('pay', { cents: 5 }, same).catch(() => undefined);
      await bed.clock.settle();
      runs.at(-1)?.answer();
      await bed.clock.settle();
    }
    expect(runs.length).toBe(2);
  });
});

it('the handler of a lost session is told to stop at the deadline of the call', async () => {
  const { bed, runs } = await open(brief);
  await using _ = bed;
  void bed.client.call('pay', { cents: 5 }, { timeout: 60_000 }).catch(() => undefined);
  await bed.clock.settle();
  bed.link.refuse(Number.POSITIVE_INFINITY);
  bed.link.drop();
  await bed.clock.advance(45_000);
  expect(bed.server.peers.size).toBe(0);
  expect(runs[0]?.signal.aborted).toBe(false);
  await bed.clock.advance(16_000);
  expect(runs[0]?.signal.aborted).toBe(true);
});
