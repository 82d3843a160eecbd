import { expect, test } from 'vitest';
import { judge, type RunRecord, type SessionRecord } from './judge.ts';

const lost: SessionRecord = {
  id: 'a',
  outbox: [1, 2, 3, 4, 5],
  inbox: [1, 2, 3],
  loss: { sessionId: 'a', why: 'unknown', acked: 2, unknown: [3, 4], unsent: [5] },
};
const live: SessionRecord = { id: 'b', outbox: [5, 6], inbox: [1, 2], loss: undefined };
const good: RunRecord = {
  sessions: [lost, live],
  delivered: new Map([
    ['a', [1, 2, 3]],
    ['b', [5, 6]],
  ]),
  sentInLast: 2,
  kills: 1,
};

test('finds nothing wrong with a kept promise', () => {
  expect(judge(good)).toEqual([]);
});

const delivered = (a: number[], b: number[] = [5, 6]): RunRecord => ({
  ...good,
  delivered: new Map([
    ['a', a],
    ['b', b],
  ]),
});
const lossWith = (loss: Partial<NonNullable<SessionRecord['loss']>>): RunRecord => ({
  ...good,
  sessions: [{ ...lost, loss: { ...lost.loss!, ...loss } }, live],
});

const broken: [string, RunRecord, RegExp][] = [
  ['a hole', delivered([1, 3]), /session 1: arrived out of order/],
  ['a double', delivered([1, 2, 2]), /session 1: arrived out of order/],
  ['a swap', delivered([2, 1, 3]), /session 1: arrived out of order/],
  ['an acked one that never arrived', delivered([1]), /2 acked, but only 1 were delivered/],
  ['an unsent one that arrived', delivered([1, 2, 3, 4, 5]), /5 was called unsent and had been delivered/],
  ['one delivered in two sessions', delivered([1, 2, 3, 4, 5]), /session 2: 5 was delivered before/],
  ['a live session with something missing', delivered([1, 2], [5]), /session 2: 1 of 2 arrived/],
  ['a loss that forgets one', lossWith({ unknown: [4] }), /are not the 5 that were sent/],
  ['a loss that counts one twice', lossWith({ acked: 3 }), /are not the 5 that were sent/],
  ['a loss that forgets the last one', lossWith({ unsent: [] }), /are not the 5 that were sent \(some are missing\)/],
  ['a loss for another session', lossWith({ sessionId: 'b' }), /names another session/],
  ['a loss for another reason', lossWith({ why: 'overflow' }), /says "overflow"/],
  ['a loss nobody caused', { ...good, kills: 0 }, /1 losses were told for 0 kills/],
  ['a kill nobody told of', { ...good, kills: 2 }, /1 losses were told for 2 kills/],
  ['a session without an end', { ...good, sessions: [{ ...lost, loss: undefined }, live] }, /ended without a loss/],
  ['a hole on the way back', { ...good, sessions: [{ ...lost, inbox: [1, 3] }, live] }, /came 3 where 2 was due/],
  ['a tail that never came back', { ...good, sentInLast: 3 }, /2 of 3 came back/],
  ['a session of nobody', { ...good, sessions: [live], kills: 0 }, /a session a of nobody/],
];
test.each(broken)('finds %s', (_name, run, fault) => {
  expect(judge(run).join('\n')).toMatch(fault);
});
