import { describe, expect, it } from 'vitest';
import { AnswerTable, type AnswerLimits, type AnswerVerdict, type KeyedCall } from './answers.ts';

interface Answer {
  readonly bytes: number;
  readonly text: string;
}
type Table = AnswerTable<string, Answer>;

const limits: AnswerLimits = { count: 10, each: 5, bytes: 100, age: 1_000 };
const answer = (text: string, bytes = 10): Answer => ({ text, bytes });

function tableOf(more: Partial<AnswerLimits> = {}): Table {
  return new AnswerTable({ ...limits, ...more });
}

/** Asks for a call that must run. */
function run(table: Table, owner: string, key: string, now = 0): KeyedCall<string, Answer> {
  const verdict = table.ask(owner, key, 'input', `${owner} ${key}`, now);
  if (verdict.kind !== 'run') throw new Error(`${owner} ${key}: ${verdict.kind}`);
  return verdict.call;
}

function ask(table: Table, owner: string, key: string, now = 0, print = 'input'): AnswerVerdict<string, Answer> {
  return table.ask(owner, key, print, 'again', now);
}

describe('a call with a key', () => {
  it('runs once; a repeat waits for it, and later gets its answer', () => {
    const table = tableOf();
    const call = run(table, 'ada', 'k');
    expect(ask(table, 'ada', 'k')).toEqual({ kind: 'wait', call });
    expect([...call.askers]).toEqual(['ada k', 'again']);
    table.settle(call, answer('a'), 0);
    expect(ask(table, 'ada', 'k')).toEqual({ kind: 'repeat', answer: answer('a') });
    expect([table.size, table.bytes]).toEqual([1, 10]);
  });

  it('belongs to its user: nobody else finds it', () => {
    const table = tableOf();
    table.settle(run(table, 'ada', 'k'), answer('secret'), 0);
    expect(ask(table, 'eve', 'k').kind).toBe('run');
    expect(ask(table, '', 'k').kind).toBe('run');
  });

  it('conflicts with another input, while it runs and later', () => {
    const table = tableOf();
    const call = run(table, 'ada', 'k');
    expect(ask(table, 'ada', 'k', 0, 'other')).toEqual({ kind: 'conflict' });
    expect([...call.askers]).toEqual(['ada k']);
    table.settle(call, answer('a'), 0);
    expect(ask(table, 'ada', 'k', 0, 'other')).toEqual({ kind: 'conflict' });
  });

  it('that ended without an answer runs again', () => {
    const table = tableOf();
    table.settle(run(table, 'ada', 'k'), undefined, 0);
    expect(table.size).toBe(0);
    expect(ask(table, 'ada', 'k').kind).toBe('run');
  });
});

describe('what is kept', () => {
  it('is bounded by age, counted from the answer', () => {
    const table = tableOf();
    const call = run(table, 'ada', 'k', 0);
    expect(ask(table, 'ada', 'k', 5_000).kind).toBe('wait');
    table.settle(call, answer('a'), 5_000);
    expect(ask(table, 'ada', 'k', 5_999).kind).toBe('repeat');
    expect(ask(table, 'ada', 'k', 6_000).kind).toBe('run');
    expect(table.bytes).toBe(0);
  });

  it('is bounded by bytes: the oldest answer goes, and one that is too large is not kept', () => {
    const table = tableOf();
    for (const key of ['a', 'b', 'c']) table.settle(run(table, 'ada', key), answer(key, 40), 0);
    expect(table.bytes).toBe(80);
    expect(['a', 'b', 'c'].map((key) => ask(table, 'ada', key).kind)).toEqual(['run', 'repeat', 'repeat']);
    table.settle(run(table, 'eve', 'huge'), answer('x', 101), 0);
    expect(table.bytes).toBe(80);
    expect(ask(table, 'eve', 'huge').kind).toBe('run');
  });

  it('is bounded by count: the oldest answer of anybody goes', () => {
    const table = tableOf({ count: 3 });
    for (const user of ['a', 'b', 'c']) table.settle(run(table, user, 'k'), answer(user), 0);
    run(table, 'd', 'k');
    expect(table.size).toBe(3);
    expect(['c', 'b'].map((user) => ask(table, user, 'k').kind)).toEqual(['repeat', 'repeat']);
  });

  it('is bounded for each user, who pushes out nobody else', () => {
    const table = tableOf({ each: 2 });
    table.settle(run(table, 'ada', 'k'), answer('ada'), 0);
    for (let n = 0; n < 50; n += 1) table.settle(run(table, 'eve', `${n}`), answer('eve', 1), 0);
    expect(table.size).toBe(3);
    expect(ask(table, 'ada', 'k').kind).toBe('repeat');
    expect(['48', '49'].map((key) => ask(table, 'eve', key).kind)).toEqual(['repeat', 'repeat']);
  });

  it('a user loses the oldest answer first, not the call that began first', () => {
    const table = tableOf({ each: 2 });
    const slow = run(table, 'ada', 'slow');
    table.settle(run(table, 'ada', 'quick'), answer('quick'), 0);
    table.settle(slow, answer('slow'), 0);
    run(table, 'ada', 'third');
    expect(ask(table, 'ada', 'slow').kind).toBe('repeat');
  });

  it('never costs a call that runs: when all run, one more is refused', () => {
    const each = tableOf({ each: 2 });
    const first = run(each, 'ada', '1');
    run(each, 'ada', '2');
    expect(ask(each, 'ada', '3')).toEqual({ kind: 'full' });
    each.settle(first, answer('x'), 0);
    expect(ask(each, 'ada', '3').kind).toBe('run');
    expect(ask(each, 'ada', '2').kind).toBe('wait');

    const all = tableOf({ count: 2 });
    run(all, 'ada', '1');
    run(all, 'eve', '1');
    expect(ask(all, 'bob', '1')).toEqual({ kind: 'full' });
    expect(all.size).toBe(2);
  });

  it('settling twice changes nothing that came after', () => {
    const table = tableOf();
    const call = run(table, 'ada', 'k');
    table.settle(call, undefined, 0);
    const next = run(table, 'ada', 'k');
    expect(ask(table, 'ada', 'k')).toEqual({ kind: 'wait', call: next });
  });

  it('in bytes: large answers of one user do not push out those of others', () => {
    const table = tableOf();
    table.settle(run(table, 'ada', 'pay'), answer('paid'), 0);
    for (let n = 0; n < 9; n += 1) table.settle(run(table, 'eve', `${n}`), answer('large', 60), 0);
    expect(ask(table, 'ada', 'pay').kind).toBe('repeat');
    expect(table.bytes).toBe(70);
    expect(ask(table, 'eve', '8').kind).toBe('repeat');
    expect(ask(table, 'eve', '7').kind).toBe('run');
  });
});
