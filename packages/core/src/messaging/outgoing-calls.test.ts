import { describe, expect, it } from 'vitest';
import { OutgoingCalls, type OutgoingCall } from './outgoing-calls.ts';

const sink = { settle: () => undefined };

function call(calls: OutgoingCalls, deadline = Infinity): OutgoingCall {
  const made: OutgoingCall = {
    id: calls.takeId(),
    name: 'ask',
    sink,
    deadline,
    item: { kind: 'request', name: 'ask', bytes: 3, encoded: 'ask', seq: 0 },
  };
  calls.add(made);
  return made;
}

describe('OutgoingCalls', () => {
  it('numbers with one parity, and never the same number twice', () => {
    const odd = new OutgoingCalls(1);
    expect([odd.takeId(), odd.takeId(), odd.takeId()]).toEqual([1, 3, 5]);
    const even = new OutgoingCalls(2);
    expect([even.takeId(), even.takeId()]).toEqual([2, 4]);
    expect(even.nextId).toBe(6);
  });

  it('knows which ids it has used', () => {
    const calls = new OutgoingCalls(1);
    calls.takeId();
    calls.takeId();
    expect([0, 1, 2, 3, 4, 5].map((id) => calls.issued(id))).toEqual([false, true, false, true, false, false]);
  });

  it('gives a call out once', () => {
    const calls = new OutgoingCalls(1);
    const first = call(calls);
    call(calls);
    expect(calls.take(first.id)).toBe(first);
    expect(calls.take(first.id)).toBeUndefined();
    expect(calls.size).toBe(1);
  });

  it('names the earliest deadline and gives out what is overdue', () => {
    const calls = new OutgoingCalls(1);
    const late = call(calls, 3_000);
    const soon = call(calls, 1_000);
    const never = call(calls);
    const sooner = call(calls, 2_000);
    expect(calls.deadline).toBe(1_000);
    expect(calls.expire(999)).toEqual([]);
    expect(calls.expire(2_000)).toEqual([soon, sooner]);
    expect(calls.deadline).toBe(3_000);
    expect(calls.expire(10_000)).toEqual([late]);
    expect(calls.deadline).toBe(Infinity);
    expect(calls.take(never.id)).toBe(never);
  });

  it('gives out those that pass, oldest first', () => {
    const calls = new OutgoingCalls(1);
    const made = [call(calls), call(calls), call(calls)];
    expect(calls.takeWhere(({ id }) => id !== 3)).toEqual([made[0], made[2]]);
    expect(calls.size).toBe(1);
  });
});
