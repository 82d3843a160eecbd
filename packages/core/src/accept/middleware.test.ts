import { describe, expect, it } from 'vitest';
import type { CallContext } from '../peer/handler-context.ts';
import { withMiddleware, type AnyMiddleware } from './middleware.ts';

const context = (): CallContext => ({ peer: { auth: 'ada' }, signal: undefined }) as unknown as CallContext;

describe('around a stream', () => {
  it('ends when the stream has begun, and the items follow', async () => {
    const notes: unknown[] = [];
    const around: AnyMiddleware = async ({ kind, auth, next }) => {
      notes.push(kind, auth);
      const passed = await next({ user: 'u' });
      notes.push('begun');
      return passed;
    };
    const handler = withMiddleware([around], 'stream', 'count', async function* count(input, given) {
      try {
        for (let n = 1; n <= (input as number); n += 1) yield [n, (given as unknown as { user: string }).user];
      } finally {
        notes.push('over');
      }
    });
    const items: unknown[] = [];
    for await (const item of handler(5, context()) as AsyncIterable<unknown>) {
      items.push(item);
      if (items.length === 2) break;
    }
    expect(items).toEqual([
      [1, 'u'],
      [2, 'u'],
    ]);
    expect(notes).toEqual(['stream', 'ada', 'begun', 'over']);
  });

  it('refuses it before its handler is called', async () => {
    let begun = false;
    const handler = withMiddleware([() => Promise.reject(new Error('no'))], 'stream', 'count', () => {
      begun = true;
      return [];
    });
    const iterator = (handler(1, context()) as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    await expect(iterator.next()).rejects.toThrow('no');
    expect(begun).toBe(false);
  });

  it('takes handlers that return something to iterate at once', async () => {
    const handler = withMiddleware([({ next }) => next()], 'stream', 'count', () => [1, 2, 3]);
    const items: unknown[] = [];
    for await (const item of handler(1, context()) as AsyncIterable<unknown>) items.push(item);
    expect(items).toEqual([1, 2, 3]);
  });
});

it('around an upload sees its answer', async () => {
  const outputs: unknown[] = [];
  const around: AnyMiddleware = async ({ next }) => {
    const passed = await next();
    outputs.push(passed.output);
    return passed;
  };
  const handler = withMiddleware([around], 'upload', 'file', async () => ({ size: 3 }));
  expect(await handler(undefined, context())).toEqual({ size: 3 });
  expect(outputs).toEqual([{ size: 3 }]);
});
