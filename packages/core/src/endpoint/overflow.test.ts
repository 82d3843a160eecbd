import { describe, expect, it } from 'vitest';
import { ask, attached, end, packets } from './endpoint-samples.ts';

describe('overflow (rule 9)', () => {
  const keeps = { queueCount: 2, queueBytes: 1_000, replayCount: 2, replayBytes: 1_000 };
  const full = expect.objectContaining({ code: 'QUEUE_FULL' }) as Error;

  it('ends a detached session of the policy `disconnect` at the moment its bound is passed', () => {
    const b = end(2, { keeps, overflow: 'disconnect' });
    for (const text of ['a', 'b', 'c', 'd']) b.send('m', text);
    expect(b.takeEffects()).toEqual([]);
    b.send('m', 'e');
    expect(b.takeEffects()).toEqual([{ type: 'lost', why: 'overflow' }]);
    expect(b.canResume(0)).toBe(false);
  });

  it('takes nothing silently after that', () => {
    const b = end(2, { keeps, overflow: 'disconnect' });
    for (const text of ['a', 'b', 'c', 'd', 'e']) b.send('m', text);
    expect(() => b.send('m', 'f')).toThrow(full);
    expect(b.end().unsent).toHaveLength(5);
  });

  it('closes the connection of a slow reader first', () => {
    const b = attached(end(2, { keeps, overflow: 'disconnect' }));
    for (const text of ['a', 'b', 'c']) b.send('m', text);
    expect(b.takeEffects()).toMatchObject([{ type: 'close', code: 4541 }]);
  });

  it('refuses under `reject`, and keeps what it has', () => {
    const a = end(1, { keeps });
    a.send('m', 'a');
    a.send('m', 'b');
    expect(() => a.send('m', 'c')).toThrow(full);
    expect(a.unsent).toBe(2);
  });

  it.each([
    ['drop-oldest' as const, ['"b"', '"c"']],
    ['drop-newest' as const, ['"a"', '"b"']],
  ])('drops and tells under `%s`, without a gap in the numbers', (overflow, kept) => {
    const a = end(1, { keeps, overflow });
    for (const text of ['a', 'b', 'c']) a.send('m', text);
    expect(a.takeEffects()).toMatchObject([{ type: 'dropped', name: 'm' }]);
    attached(a);
    expect(packets(a)).toEqual([`[1,0,[35,1],${kept.map((text) => `[1,"m",${text}]`).join(',')}]`]);
  });

  it('tells of every message that had to go for one that does not fit at all', () => {
    const a = end(1, { keeps, overflow: 'drop-oldest' });
    a.send('m', 'a');
    a.send('m', 'b');
    a.send('m', 'x'.repeat(2_000));
    const told = a.takeEffects().filter(({ type }) => type === 'dropped').length;
    expect(told + a.unsent).toBe(3);
  });

  it('never drops a call', () => {
    const a = end(1, { keeps, overflow: 'drop-oldest' });
    ask(a, 'one');
    ask(a, 'two');
    expect(() => ask(a, 'three')).toThrow(full);
    expect(a.pendingCalls).toBe(2);
  });
});
