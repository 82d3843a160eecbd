import { describe, expect, it } from 'vitest';
import { topicValues } from './topic-values.ts';
import type { TopicObserver, TopicValuesOptions } from './topic-surface.ts';

/** A source that is driven by the test. */
function sourceOf(options?: TopicValuesOptions): {
  values: AsyncIterator<unknown>;
  /** Whoever subscribes at present. */
  observers: Set<TopicObserver<unknown>>;
  emit: (...values: unknown[]) => void;
} {
  const observers = new Set<TopicObserver<unknown>>();
  const iterable = topicValues(
    't',
    (observer) => {
      observers.add(observer);
      const unsubscribe = (): void => void observers.delete(observer);
      return { closed: false, unsubscribe, [Symbol.dispose]: unsubscribe };
    },
    options,
  );
  return {
    values: iterable[Symbol.asyncIterator](),
    observers,
    emit: (...values) => {
      for (const value of values) for (const { next } of observers) next?.(value, { gap: false, offset: 0 });
    },
  };
}

const value = (of: unknown): unknown => ({ done: false, value: of });
const done = { done: true, value: undefined };

describe('values', () => {
  it('subscribes on the first next, and unsubscribes on return, which ends those who wait', async () => {
    const { values, observers, emit } = sourceOf();
    expect(observers.size).toBe(0);
    const first = values.next();
    const second = values.next();
    expect(observers.size).toBe(1);
    emit('a');
    expect(await first).toEqual(value('a'));
    expect(await values.return?.()).toEqual(done);
    expect(await second).toEqual(done);
    expect(await values.next()).toEqual(done);
    expect(observers.size).toBe(0);
  });

  it.each([
    [undefined, ['e']],
    ['latest', ['e']],
    [{ size: 3, overflow: 'drop-oldest' }, ['c', 'd', 'e']],
    [{ size: 3, overflow: 'drop-newest' }, ['a', 'b', 'c']],
    [{ size: 9, overflow: 'error' }, ['a', 'b', 'c', 'd', 'e']],
  ] as const)('with the buffer %j keeps %j of five', async (buffer, kept) => {
    const { values, emit } = sourceOf(buffer && { buffer });
    const first = values.next();
    emit('first');
    await first;
    emit('a', 'b', 'c', 'd', 'e');
    for (const each of kept) expect(await values.next()).toEqual(value(each));
    const next = values.next();
    emit('later');
    expect(await next).toEqual(value('later'));
  });

  it('fails a reader that is too slow, after what was kept, when told to', async () => {
    const { values, observers, emit } = sourceOf({ buffer: { size: 2, overflow: 'error' } });
    const first = values.next();
    emit(0, 1, 2, 3);
    expect(observers.size).toBe(0);
    expect(await first).toEqual(value(0));
    expect(await values.next()).toEqual(value(1));
    expect(await values.next()).toEqual(value(2));
    await expect(values.next()).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect(await values.next()).toEqual(done);
  });

  it('ends as the topic ends', async () => {
    const complete = sourceOf();
    const waiting = complete.values.next();
    for (const observer of complete.observers) observer.complete?.();
    expect(await waiting).toEqual(done);
    const refused = sourceOf();
    const rejected = refused.values.next();
    const error = new Error('refused');
    for (const observer of refused.observers) observer.error?.(error as never);
    await expect(rejected).rejects.toBe(error);
  });

  it('ends with the reason of its signal, at once and without what was kept', async () => {
    const stop = new AbortController();
    const { values, observers, emit } = sourceOf({ signal: stop.signal });
    const first = values.next();
    emit(1, 2);
    await first;
    stop.abort('enough');
    await expect(values.next()).rejects.toBe('enough');
    expect(observers.size).toBe(0);
    await expect(sourceOf({ signal: AbortSignal.abort('no') }).values.next()).rejects.toBe('no');
  });

  it.each([0, -1, Number.NaN])('refuses a buffer of %d', (size) => {
    expect(() => sourceOf({ buffer: { size, overflow: 'error' } })).toThrow(TypeError);
  });
});
