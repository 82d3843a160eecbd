import { describe, expect, it } from 'vitest';
import type { EndpointEffect } from './endpoint-io.ts';
import { ask, calls, dialled, end, packets, told } from './endpoint-samples.ts';

describe('overflow (rule 9)', () => {
  const keeps = { queueCount: 2, queueBytes: 1_000, replayCount: 2, replayBytes: 1_000, largeBytes: 1_000_000 };
  const full = expect.objectContaining({ code: 'QUEUE_FULL' }) as Error;

  it('refuses under `reject`, and keeps what it has', () => {
    const a = end(1, { keeps });
    a.send('m', 'a');
    a.send('m', 'b');
    expect(() => a.send('m', 'c')).toThrow(full);
    expect(a.session.queueCount).toBe(2);
  });

  it.each([
    ['drop-oldest' as const, ['"b"', '"c"']],
    ['drop-newest' as const, ['"a"', '"b"']],
  ])('drops and tells under `%s`, without a gap in the numbers', (overflow, kept) => {
    const a = end(1, { keeps, overflow });
    for (const text of ['a', 'b', 'c']) a.send('m', text);
    expect(told(a)).toMatchObject([{ type: 'dropped', name: 'm' }]);
    dialled(a);
    expect(packets(a)).toEqual([`[1,0,[35,1],${kept.map((text) => `[1,"m",${text}]`).join(',')}]`]);
  });

  it('tells of every message that had to go for one that does not fit at all', () => {
    const a = end(1, { keeps, overflow: 'drop-oldest' });
    a.send('m', 'a');
    a.send('m', 'b');
    a.send('m', 'x'.repeat(2_000));
    const drops = told(a).filter((output) => (output as EndpointEffect).type === 'dropped').length;
    expect(drops + a.session.queueCount).toBe(3);
  });

  it('never drops a call', () => {
    const a = end(1, { keeps, overflow: 'drop-oldest' });
    ask(a, 'one');
    ask(a, 'two');
    expect(() => ask(a, 'three')).toThrow(full);
    expect(calls(a).size).toBe(2);
  });
});
