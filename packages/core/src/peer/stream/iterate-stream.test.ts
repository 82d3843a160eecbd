import { describe, expect, it } from 'vitest';
import { iterateStream } from './iterate-stream.ts';
import type { StreamReader } from './open-stream.ts';

/** An iterator over a stream that the test plays. */
function played() {
  const late: { reader?: StreamReader } = {};
  const log = { opened: 0, taken: 0, stopped: 0 };
  const items = iterateStream((reader) => {
    late.reader = reader;
    log.opened += 1;
    return {
      closed: false,
      took: (bytes) => (log.taken += bytes),
      stop: () => (log.stopped += 1),
    };
  });
  return { items, log, reader: () => late.reader as StreamReader };
}

const over = { done: true, value: undefined };

describe('iterateStream', () => {
  it('opens at the first question, and counts an item as taken when somebody gets it', async () => {
    const { items, log, reader } = played();
    expect(log.opened).toBe(0);
    const first = items.next();
    expect(log).toEqual({ opened: 1, taken: 0, stopped: 0 });
    reader().next('a', 10);
    reader().next('b', 5);
    expect(log.taken).toBe(10);
    expect([await first, await items.next()]).toEqual([
      { done: false, value: 'a' },
      { done: false, value: 'b' },
    ]);
    expect(log).toEqual({ opened: 1, taken: 15, stopped: 0 });
  });

  it('answers in the order of asking, though many ask at once', async () => {
    const { items, reader } = played();
    const asked = [items.next(), items.next(), items.next()];
    for (const value of ['a', 'b']) reader().next(value, 1);
    reader().ended();
    expect((await Promise.all(asked)).map(({ value }) => value)).toEqual(['a', 'b', undefined]);
    expect(await items.next()).toEqual(over);
  });

  it('gives what is unread before it fails, and fails once', async () => {
    const { items, reader } = played();
    const first = items.next();
    for (const value of ['a', 'b']) reader().next(value, 1);
    reader().ended({ error: 'broken', aborted: false });
    expect([(await first).value, (await items.next()).value]).toEqual(['a', 'b']);
    await expect(items.next()).rejects.toBe('broken');
    expect(await items.next()).toEqual(over);
  });

  it('throws away what is unread when its signal fires', async () => {
    const { items, reader } = played();
    const asked = items.next();
    for (const value of ['a', 'b', 'c']) reader().next(value, 1);
    reader().ended({ error: 'enough', aborted: true });
    expect((await asked).value).toBe('a');
    await expect(items.next()).rejects.toBe('enough');
    expect(await items.next()).toEqual(over);
  });

  it('is over after return(), also before the first question and while somebody asks', async () => {
    const early = played();
    expect(await early.items.return?.()).toEqual(over);
    expect(await early.items.next()).toEqual(over);
    expect(early.log).toEqual({ opened: 0, taken: 0, stopped: 0 });
    const { items, log } = played();
    const asked = items.next();
    expect(await items.return?.()).toEqual(over);
    expect(await asked).toEqual(over);
    expect(log.stopped).toBe(1);
  });
});
