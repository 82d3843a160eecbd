import { describe, expect, it } from 'vitest';
import type { SystemError } from '../shared/errors.ts';
import type { SendItem } from '../session/send-item.ts';
import { Kind, type Frame, type RequestFrame } from '../wire/frame.ts';
import { WireError } from '../wire/wire-error.ts';
import type { IncomingExchange } from './exchange.ts';
import type { ExchangeRoute } from './exchange-route.ts';
import { Exchanges } from './exchanges.ts';

/** Exchanges of one end, what they sent, and what they told. */
function table(firstId: number, inflight = 10, runningHandlers = 10) {
  const sent: Frame[] = [];
  const queue = new Set<SendItem>();
  const outputs: unknown[] = [];
  const route: ExchangeRoute = {
    post(kind, name, frame) {
      const item = { kind, name, key: name, order: 0, bytes: 1, encoded: '', seq: 0 };
      sent.push(frame);
      queue.add(item);
      return item;
    },
    withdraw: (item) => queue.delete(item),
    outputs,
  };
  return { calls: new Exchanges(route, { firstId, accepts: { inflight }, runningHandlers }), sent, queue, outputs };
}

function asked(id: number, dl?: number): RequestFrame {
  return dl === undefined ? [Kind.request, id, 'ask', null] : [Kind.request, id, 'ask', null, { dl }];
}

function start(calls: Exchanges, timeout = Infinity, now = 0): number {
  return calls.start({ name: 'ask', params: 1, timeout, key: undefined, sink: () => undefined }, now).id;
}

/** The requests told to run (positive id) and told to stop (negative), in order. */
function story(outputs: readonly unknown[]): number[] {
  return (outputs as (readonly [number, IncomingExchange])[]).map(
    ([kind, { request }]) => request[1] * (kind === Kind.cancel ? -1 : 1),
  );
}

/** The exchange of the latest output. */
function last(outputs: readonly unknown[]): IncomingExchange {
  return (outputs.at(-1) as readonly [number, IncomingExchange])[1];
}

describe('calls of this end', () => {
  it('are numbered with one parity, and never the same number twice', () => {
    const odd = table(1).calls;
    expect([start(odd), start(odd), start(odd)]).toEqual([1, 3, 5]);
    const even = table(2).calls;
    expect([start(even), start(even)]).toEqual([2, 4]);
  });

  it('carry the time that is left and the key, and no time longer than the wire can say', () => {
    const { calls, sent } = table(1);
    calls.start({ name: 'ask', params: 1, timeout: 99.6, key: 'k', sink: () => undefined }, 0);
    start(calls, 2_147_483_648);
    expect(JSON.stringify(sent)).toBe('[[2,1,"ask",1,{"dl":100,"k":"k"}],[2,3,"ask",1,{}]]');
    const key = '\n';
    expect(() => calls.start({ name: 'ask', params: 1, timeout: 1, key, sink: () => undefined }, 0)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    );
  });

  it('take answers to numbers that were used, once, and no others', () => {
    const { calls, outputs } = table(1);
    start(calls);
    start(calls);
    for (const id of [0, 2, 4, 5]) expect(() => calls.take([3, id, 'x'], 0)).toThrow(WireError);
    calls.take([3, 1, 'x'], 0);
    calls.take([3, 1, 'y'], 0);
    expect(outputs).toMatchObject([[0, expect.any(Function), [3, 1, 'x'], 0]]);
    expect(calls.size).toBe(1);
  });

  it('end at their deadline, those that left with a cancel', () => {
    const { calls, sent, queue, outputs } = table(1);
    for (const timeout of [3_000, 1_000, Infinity, 2_000]) start(calls, timeout);
    const [, second] = [...queue];
    (second as SendItem).seq = 7;
    queue.delete(second as SendItem);
    sent.length = 0;
    expect(calls.deadline).toBe(1_000);
    calls.expire(999);
    expect(outputs).toEqual([]);
    calls.expire(2_000);
    expect(outputs).toMatchObject([
      [0, expect.any(Function), { code: 'TIMEOUT', executed: 'maybe' }],
      [0, expect.any(Function), { code: 'TIMEOUT', executed: 'no' }],
    ]);
    expect(sent).toEqual([[9, 3]]);
    expect(calls.deadline).toBe(3_000);
    calls.expire(10_000);
    expect([calls.deadline, calls.size]).toEqual([Infinity, 1]);
  });

  it('fail with their session, oldest first, except those whose request is kept', () => {
    const { calls, queue, outputs } = table(1);
    for (let n = 0; n < 3; n += 1) start(calls);
    const items = [...queue];
    (items[2] as SendItem).seq = 1;
    calls.restart([items[1] as SendItem], false);
    expect(outputs.map((output) => ((output as unknown[])[2] as SystemError).code)).toEqual([
      'SESSION_LOST',
      'UNKNOWN_OUTCOME',
    ]);
    expect(calls.size).toBe(1);
    expect(start(calls)).toBe(7);
  });
});

describe('requests of the other end', () => {
  it.each([
    ['used before', 3],
    ['smaller than one used before', 1],
    ['of the other parity', 4],
  ])('are refused when their id was %s', (_, id) => {
    const { calls, outputs } = table(2);
    calls.take(asked(3), 0);
    expect(() => calls.take(asked(id), 0)).toThrow(WireError);
    expect(outputs).toHaveLength(1);
  });

  it('do not free their id when they are answered', () => {
    const { calls, outputs } = table(2);
    calls.take(asked(1), 0);
    calls.respond(last(outputs), [3, 1]);
    expect(() => calls.take(asked(1), 0)).toThrow(WireError);
  });

  it('count as used when they were too many', () => {
    const { calls, sent } = table(2, 1);
    calls.take(asked(1), 0);
    calls.take(asked(3), 0);
    expect(sent).toMatchObject([[4, 3, 'RATE_LIMITED', expect.any(String)]]);
    expect(() => calls.take(asked(3), 0)).toThrow(WireError);
    expect(() => calls.take([9, 3], 0)).not.toThrow();
    expect(() => calls.take([9, 5], 0)).toThrow(WireError);
  });

  it('start in order of arrival, as many as may run', () => {
    const { calls, outputs } = table(2, 10, 2);
    for (const id of [1, 3, 5, 7]) calls.take(asked(id), 0);
    expect(story(outputs)).toEqual([1, 3]);
    calls.respond(last(outputs), [3, 3]);
    expect(story(outputs)).toEqual([1, 3, 5]);
  });

  it('count while their handler runs, though given up, so that giving up in a loop gains nothing', () => {
    const { calls, outputs, sent } = table(2, 2, 1);
    calls.take(asked(1), 0);
    calls.take([9, 1], 0);
    calls.take(asked(3), 0);
    expect(story(outputs)).toEqual([1, -1]);
    calls.respond(last(outputs), [3, 1, 'late']);
    expect(sent).toEqual([]);
    expect(story(outputs)).toEqual([1, -1, 3]);
  });

  it('are forgotten when given up before their turn', () => {
    const { calls, outputs } = table(2, 2, 1);
    calls.take(asked(1), 0);
    calls.take(asked(3), 0);
    calls.take([9, 3], 0);
    calls.respond(last(outputs), [3, 1]);
    expect(story(outputs)).toEqual([1]);
  });

  it('are answered once, and with a fault when the answer cannot be sent', () => {
    const { calls, sent, outputs } = table(2);
    calls.take(asked(1), 0);
    calls.respond(last(outputs), [3, 1, 'first']);
    calls.respond(last(outputs), [3, 1, 'second']);
    expect(sent).toEqual([[3, 1, 'first']]);
  });

  it('are given up at their deadline, which counts from arrival', () => {
    const { calls, outputs } = table(2, 10, 1);
    calls.take(asked(1, 500), 1_000);
    calls.take(asked(3, 100), 1_000);
    calls.take(asked(5), 1_000);
    expect(calls.deadline).toBe(1_100);
    calls.expire(1_100);
    // Number 3 never ran, so there is nobody to tell.
    expect(story(outputs)).toEqual([1]);
    expect(calls.deadline).toBe(1_500);
    calls.expire(1_500);
    calls.expire(9_000);
    expect(story(outputs)).toEqual([1, -1]);
    expect(calls.deadline).toBe(Infinity);
  });

  it('are all given up at the end of a session, after which ids begin anew', () => {
    const { calls, outputs } = table(1, 10, 2);
    for (const id of [2, 4, 6]) calls.take(asked(id), 0);
    calls.take([9, 2], 0);
    outputs.length = 0;
    calls.restart([], false);
    expect(story(outputs)).toEqual([-4]);
    expect(() => calls.take(asked(2), 0)).not.toThrow();
  });
});

/** Asks for a stream of `opening` items, or an upload when that is 0. */
function open(calls: Exchanges, opening: number) {
  return calls.start({ name: 'ask', params: 1, timeout: Infinity, key: undefined, opening, sink: () => undefined }, 0);
}

describe('streams of the other end', () => {
  it('use a credit for every item, and have no more than were granted', () => {
    const { calls, outputs, sent } = table(1);
    const stream = open(calls, 2);
    calls.take([6, 1, 'a'], 0);
    calls.take([6, 1, 'b'], 0);
    expect(() => calls.take([6, 1, 'c'], 0)).toThrow(WireError);
    calls.grant(stream, 1);
    calls.take([6, 1, 'c'], 0);
    calls.take([7, 1], 0);
    expect(sent).toMatchObject([
      [5, 1, 'ask', 1, 2, {}],
      [8, 1, 1],
    ]);
    expect((outputs as unknown[][]).map((output) => (output[2] as unknown[])[0])).toEqual([6, 6, 6, 7]);
    // It is over: what comes now is late, and nothing is granted any more.
    calls.take([6, 1, 'd'], 0);
    calls.grant(stream, 1);
    expect([outputs.length, sent.length, calls.size]).toEqual([4, 2, 0]);
  });

  it('do not answer like calls, nor calls like streams', () => {
    const { calls } = table(1);
    open(calls, 1);
    start(calls);
    open(calls, 0);
    for (const frame of [
      [3, 1],
      [8, 1, 1],
      [6, 3],
      [7, 3],
      [8, 3, 1],
      [6, 5],
      [7, 5],
    ] as never[])
      expect(() => calls.take(frame, 0)).toThrow(WireError);
    for (const frame of [
      [7, 1],
      [3, 3],
      [8, 5, 9],
      [3, 5],
    ] as never[])
      calls.take(frame, 0);
    expect(calls.size).toBe(0);
  });
});

describe('streams of this end', () => {
  it('are told of credit, counted down by what they send', () => {
    const { calls, outputs, sent } = table(2);
    calls.take([5, 1, 'rows', null, 1], 0);
    const stream = last(outputs);
    calls.emit(stream, 'a');
    calls.take([8, 1, 3], 0);
    expect(outputs).toEqual([
      [2, stream],
      [8, stream],
    ]);
    expect(stream.credit).toBe(3);
    calls.respond(stream, [7, 1]);
    calls.emit(stream, 'late');
    expect(sent).toEqual([
      [6, 1, 'a'],
      [7, 1],
    ]);
    expect(() => calls.take([8, 1, 1], 0)).not.toThrow();
  });

  it('are told once of room, and say what they sent', () => {
    const { calls, outputs } = table(2);
    calls.take([5, 1, 'rows', null, 9], 0);
    const stream = last(outputs);
    expect(calls.emit(stream, 'a')).toMatchObject({ kind: 'reply', name: 'rows' });
    outputs.length = 0;
    calls.freed();
    calls.stalled.push(stream);
    calls.freed();
    calls.freed();
    expect(outputs).toEqual([[8, stream]]);
    calls.take([9, 1], 0);
    expect(calls.emit(stream, 'b')).toBeUndefined();
  });

  it('never hold more credit than a counter can', () => {
    const { calls } = table(2);
    expect(() => calls.take([5, 1, 'rows', null, 2_147_483_648], 0)).toThrow(WireError);
    calls.take([5, 3, 'rows', null, 2_147_483_647], 0);
    expect(() => calls.take([8, 3, 1], 0)).toThrow(WireError);
  });
});

it('a question that was answered is not cancelled any more, and the caller is told', () => {
  const { calls, sent, queue } = table(1);
  const ask = () =>
    calls.start({ name: 'ask', params: 1, timeout: Infinity, key: undefined, sink: () => undefined }, 0);
  const [answered, left, queued] = [ask(), ask(), ask()];
  queue.delete(answered.item);
  queue.delete(left.item);
  calls.take([Kind.result, answered.id, 1], 0);
  sent.length = 0;
  expect([answered, left, left, queued].map((exchange) => calls.cancel(exchange))).toEqual([false, true, false, true]);
  expect(sent).toEqual([[Kind.cancel, left.id]]);
});

describe('what waits for a handler', () => {
  it('keeps its place when one behind it is given up', () => {
    const { calls, outputs } = table(1, 10, 1);
    for (const id of [2, 4, 6, 8]) calls.take(asked(id), 0);
    calls.take([Kind.cancel, 6], 0);
    for (const answered of [2, 4, 8]) calls.respond(last(outputs), [Kind.result, answered, null]);
    expect(story(outputs)).toEqual([2, 4, 8]);
  });

  it('runs in order as handlers return, also when some of it was given up', () => {
    const { calls, outputs } = table(1, 10, 1);
    for (const id of [2, 4, 6, 8]) calls.take(asked(id), 0);
    expect(story(outputs)).toEqual([2]);
    const first = last(outputs);
    calls.take([Kind.cancel, 4], 0);
    calls.respond(first, [Kind.result, 2, null]);
    expect(story(outputs)).toEqual([2, 6]);
    // A handler that nobody waits for any more still takes its place.
    const second = last(outputs);
    calls.take([Kind.cancel, 6], 0);
    calls.take(asked(10), 0);
    expect(story(outputs)).toEqual([2, 6, -6]);
    calls.respond(second, [Kind.result, 6, null]);
    expect(story(outputs)).toEqual([2, 6, -6, 8]);
    calls.respond(last(outputs), [Kind.result, 8, null]);
    calls.respond(last(outputs), [Kind.result, 10, null]);
    expect(story(outputs)).toEqual([2, 6, -6, 8, 10]);
    calls.take(asked(12), 0);
    expect(story(outputs)).toEqual([2, 6, -6, 8, 10, 12]);
  });
});
