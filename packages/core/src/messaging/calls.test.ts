import { describe, expect, it } from 'vitest';
import { systemError } from '../shared/errors.ts';
import type { SendItem } from '../session/send-item.ts';
import { Kind, type Frame, type RequestFrame } from '../wire/frame.ts';
import { WireError } from '../wire/wire-error.ts';
import { Calls, type CallOutcome, type CallRoute } from './calls.ts';

/** Calls of one end, what they sent, and what they told. */
function table(firstId: number, inflight = 10, runningHandlers = 10) {
  const sent: Frame[] = [];
  const queue = new Set<SendItem>();
  const outputs: ReturnType<typeof asked>[] | unknown[] = [];
  const route: CallRoute = {
    post(kind, name, frame) {
      const item = { kind, name, bytes: 1, encoded: '', seq: 0 };
      sent.push(frame);
      queue.add(item);
      return item;
    },
    session: { withdraw: (item) => queue.delete(item) },
    outputs,
  };
  return { calls: new Calls(route, { firstId, accepts: { inflight }, runningHandlers }), sent, queue, outputs };
}

function asked(id: number, dl?: number): RequestFrame {
  return dl === undefined ? [Kind.request, id, 'ask', null] : [Kind.request, id, 'ask', null, { dl }];
}

function start(calls: Calls, timeout = Infinity, now = 0): number {
  return calls.start({ name: 'ask', params: 1, timeout, key: undefined, sink: () => undefined }, now);
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
    for (const id of [0, 2, 4, 5]) expect(() => calls.answered([3, id, 'x'])).toThrow(WireError);
    calls.answered([3, 1, 'x']);
    calls.answered([3, 1, 'y']);
    expect(outputs).toMatchObject([[0, expect.any(Function), [3, 1, 'x']]]);
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
    calls.restart([items[1] as SendItem], (name, left) => systemError('SESSION_LOST', `${name} ${left}`));
    expect(outputs.map((output) => ((output as unknown[])[2] as CallOutcome as Error).message)).toEqual([
      'ask false',
      'ask true',
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
    calls.requested(asked(3), 0);
    expect(() => calls.requested(asked(id), 0)).toThrow(WireError);
    expect(outputs).toHaveLength(1);
  });

  it('do not free their id when they are answered', () => {
    const { calls } = table(2);
    const request = asked(1);
    calls.requested(request, 0);
    calls.respond(request, [3, 1]);
    expect(() => calls.requested(asked(1), 0)).toThrow(WireError);
  });

  it('count as used when they were too many', () => {
    const { calls, sent } = table(2, 1);
    calls.requested(asked(1), 0);
    calls.requested(asked(3), 0);
    expect(sent).toMatchObject([[4, 3, 'RATE_LIMITED', expect.any(String)]]);
    expect(() => calls.requested(asked(3), 0)).toThrow(WireError);
    expect(() => calls.cancelled(3)).not.toThrow();
    expect(() => calls.cancelled(5)).toThrow(WireError);
  });

  it('start in order of arrival, as many as may run', () => {
    const { calls, outputs } = table(2, 10, 2);
    const requests = [1, 3, 5, 7].map((id) => asked(id));
    for (const request of requests) calls.requested(request, 0);
    expect(outputs).toEqual(requests.slice(0, 2));
    calls.respond(requests[1] as RequestFrame, [3, 3]);
    expect(outputs).toEqual(requests.slice(0, 3));
  });

  it('count while their handler runs, though given up, so that giving up in a loop gains nothing', () => {
    const { calls, outputs, sent } = table(2, 2, 1);
    const [one, two] = [asked(1), asked(3)];
    calls.requested(one, 0);
    calls.cancelled(1);
    calls.requested(two, 0);
    expect(outputs).toEqual([one, [-1, one]]);
    calls.respond(one, [3, 1, 'late']);
    expect(sent).toEqual([]);
    expect(outputs.slice(2)).toEqual([two]);
  });

  it('are forgotten when given up before their turn', () => {
    const { calls, outputs } = table(2, 2, 1);
    const one = asked(1);
    calls.requested(one, 0);
    calls.requested(asked(3), 0);
    calls.cancelled(3);
    calls.respond(one, [3, 1]);
    expect(outputs).toEqual([one]);
  });

  it('are answered once, and with a fault when the answer cannot be sent', () => {
    const { calls, sent } = table(2);
    const one = asked(1);
    calls.requested(one, 0);
    calls.respond(one, [3, 1, 'first']);
    calls.respond(one, [3, 1, 'second']);
    expect(sent).toEqual([[3, 1, 'first']]);
  });

  it('are given up at their deadline, which counts from arrival', () => {
    const { calls, outputs } = table(2, 10, 1);
    const one = asked(1, 500);
    calls.requested(one, 1_000);
    calls.requested(asked(3, 100), 1_000);
    calls.requested(asked(5), 1_000);
    expect(calls.deadline).toBe(1_100);
    calls.expire(1_100);
    // Number 3 never ran, so there is nobody to tell.
    expect(outputs).toEqual([one]);
    expect(calls.deadline).toBe(1_500);
    calls.expire(1_500);
    calls.expire(9_000);
    expect(outputs).toEqual([one, [-1, one]]);
    expect(calls.deadline).toBe(Infinity);
  });

  it('are all given up at the end of a session, after which ids begin anew', () => {
    const { calls, outputs } = table(1, 10, 2);
    const requests = [2, 4, 6].map((id) => asked(id));
    for (const request of requests) calls.requested(request, 0);
    calls.cancelled(2);
    outputs.length = 0;
    calls.restart([], () => systemError('SESSION_LOST', ''));
    expect(outputs).toEqual([[-1, requests[1]]]);
    expect(() => calls.requested(asked(2), 0)).not.toThrow();
  });
});
