import { describe, expect, it } from 'vitest';
import { boardOf } from './topic-bed.ts';

describe('a reader with for await that is slow', () => {
  it.each([
    [undefined, ['1000']],
    [{ size: 3, overflow: 'drop-oldest' }, ['998', '999', '1000']],
    [{ size: 3, overflow: 'drop-newest' }, ['2', '3', '4']],
  ] as const)('with the buffer %j is given %j of 1,000, and leaving ends the subscription', async (buffer, kept) => {
    await using bed = boardOf({ client: { topicGrace: 0 } });
    const values = bed.client
      .topic('notices')
      .values(buffer && { buffer })
      [Symbol.asyncIterator]();
    const first = values.next();
    await bed.clock.advance(0);
    for (let n = 1; n <= 1_000; n += 1) {
      bed.server.publish('notices', undefined, `${n}`);
      if (n % 100 === 0 || n === 1) await bed.clock.advance(0);
    }
    await bed.clock.advance(1_000);
    expect((await first).value).toBe('1');
    for (const text of kept) expect(await values.next()).toEqual({ done: false, value: text });
    const next = values.next();
    bed.server.publish('notices', undefined, 'later');
    await bed.clock.advance(1_000);
    expect((await next).value).toBe('later');
    expect(bed.server.subscribers('notices')).toBe(1);
    await values.return?.();
    await bed.clock.advance(100);
    expect(bed.server.subscribers('notices')).toBe(0);
  });
});
