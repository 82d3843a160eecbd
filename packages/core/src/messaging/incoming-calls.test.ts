import { describe, expect, it } from 'vitest';
import { Kind, type RequestFrame } from '../wire/frame.ts';
import { WireError } from '../wire/wire-error.ts';
import { IncomingCalls } from './incoming-calls.ts';

function request(id: number, dl?: number): RequestFrame {
  return dl === undefined ? [Kind.request, id, 'ask', null] : [Kind.request, id, 'ask', null, { dl }];
}

/** A table with so many requests of a dialling peer, as many running as may. */
function table(ids: readonly number[], limits = { inflight: 10, running: 10 }): IncomingCalls {
  const calls = new IncomingCalls(limits, 1);
  for (const id of ids) calls.admit(request(id), 0);
  while (calls.startNext() !== undefined);
  return calls;
}

describe('ids', () => {
  it.each([
    ['used before', 3],
    ['smaller than one used before', 1],
    ['of the other parity', 4],
  ])('are refused when %s', (_, id) => {
    const calls = table([3]);
    expect(() => calls.admit(request(id), 0)).toThrow(WireError);
    expect(calls.size).toBe(1);
  });

  it('are not free again when the call is over', () => {
    const calls = table([1]);
    calls.finish(1);
    expect(() => calls.admit(request(1), 0)).toThrow(WireError);
  });

  it('that were refused for being too many count as used', () => {
    const calls = table([1, 3], { inflight: 2, running: 2 });
    expect(calls.admit(request(5), 0)).toBe(false);
    expect(calls.known(5)).toBe(true);
    expect(calls.known(7)).toBe(false);
    expect(() => calls.admit(request(5), 0)).toThrow(WireError);
  });
});

describe('running', () => {
  it('starts in order of arrival, as many as may run', () => {
    const calls = new IncomingCalls({ inflight: 10, running: 2 }, 1);
    for (const id of [1, 3, 5, 7]) calls.admit(request(id), 0);
    expect([calls.startNext()?.[1], calls.startNext()?.[1], calls.startNext()]).toEqual([1, 3, undefined]);
    calls.finish(3);
    expect([calls.startNext()?.[1], calls.startNext()]).toEqual([5, undefined]);
  });

  it('counts an abandoned handler until it returns, so that giving up in a loop gains nothing', () => {
    const calls = table([1], { inflight: 2, running: 1 });
    expect(calls.abandon(1)).toBe(true);
    calls.admit(request(3), 0);
    expect(calls.startNext()).toBeUndefined();
    expect(calls.admit(request(5), 0)).toBe(false);
    expect(calls.finish(1)).toBe(false);
    expect(calls.startNext()?.[1]).toBe(3);
  });

  it('forgets a waiting one that is given up', () => {
    const calls = table([1, 3], { inflight: 2, running: 1 });
    expect(calls.abandon(3)).toBe(false);
    expect(calls.size).toBe(1);
    calls.finish(1);
    expect(calls.startNext()).toBeUndefined();
  });

  it('wants the answer of a call that still runs, once', () => {
    const calls = table([1]);
    expect(calls.finish(1)).toBe(true);
    expect(calls.finish(1)).toBe(false);
    expect(calls.size).toBe(0);
  });
});

describe('deadlines', () => {
  it('count from arrival; overdue handlers are told once', () => {
    const calls = new IncomingCalls({ inflight: 10, running: 1 }, 1);
    calls.admit(request(1, 500), 1_000);
    calls.admit(request(3, 100), 1_000);
    calls.admit(request(5), 1_000);
    calls.startNext();
    expect(calls.deadline).toBe(1_100);
    expect(calls.expire(1_099)).toEqual([]);
    // Number 3 never ran, so there is nobody to tell.
    expect(calls.expire(1_100)).toEqual([]);
    expect(calls.deadline).toBe(1_500);
    expect(calls.expire(1_500)).toEqual([1]);
    expect(calls.expire(9_000)).toEqual([]);
    expect(calls.deadline).toBe(Infinity);
    expect(calls.size).toBe(2);
  });

  it('all pass at the end of a session', () => {
    const calls = new IncomingCalls({ inflight: 10, running: 2 }, 0);
    for (const id of [2, 4, 6]) calls.admit(request(id), 0);
    calls.startNext();
    calls.startNext();
    calls.abandon(2);
    expect(calls.expire(Infinity)).toEqual([4]);
    expect(calls.size).toBe(2);
    expect(calls.finish(4)).toBe(false);
  });
});
