import { explain } from '../../shared/explain.ts';
import { systemError } from '../../shared/errors.ts';
import type { Subscription } from '../observer.ts';
import type { TopicBuffer, TopicObserver, TopicValuesOptions } from './topic-surface.ts';

const latest: TopicBuffer = { size: 1, overflow: 'drop-oldest' };

/** Somebody who waits for the next value. */
interface Waiting {
  resolve(result: IteratorResult<unknown, undefined>): void;
  reject(error: unknown): void;
}

/**
 * The messages of a topic for `for await`, with a bounded buffer between; subscribes on the first `next`.
 *
 * @throws TypeError for a buffer size below 1
 */
export function topicValues(
  name: string,
  subscribe: (observer: TopicObserver<unknown>) => Subscription,
  { buffer = 'latest', signal }: TopicValuesOptions = {},
): AsyncIterable<unknown> {
  const { size, overflow } = buffer === 'latest' ? latest : buffer;
  if (!(size >= 1)) {
    throw new TypeError(explain ? `\`buffer.size\` is ${size}; it takes a number of values from 1 up.` : 'buffer.size');
  }
  return {
    [Symbol.asyncIterator]() {
      const kept: unknown[] = [];
      const waiting: Waiting[] = [];
      let subscription: Subscription | undefined;
      /** What comes after the values that are kept. */
      let over: { readonly error?: unknown } | undefined;

      function end(how: { readonly error?: unknown }): void {
        if (over) return;
        over = how;
        signal?.removeEventListener('abort', aborted);
        subscription?.unsubscribe();
        for (const reader of waiting.splice(0)) settle(reader);
      }
      const aborted = (): void => {
        kept.length = 0;
        end({ error: signal?.reason });
      };

      function settle(reader: Waiting): void {
        if (kept.length > 0) reader.resolve({ done: false, value: kept.shift() });
        else if (over && 'error' in over) {
          const { error } = over;
          // Told once, as a generator does.
          over = {};
          reader.reject(error);
        } else if (over) reader.resolve({ done: true, value: undefined });
        else waiting.push(reader);
      }

      function next(value: unknown): void {
        const reader = waiting.shift();
        if (reader) return reader.resolve({ done: false, value });
        if (kept.length < size) kept.push(value);
        else if (overflow === 'drop-oldest') {
          kept.shift();
          kept.push(value);
        } else if (overflow === 'error') {
          const text = explain && `The reader of "${name}" is too slow: ${size} values wait already.`;
          end({ error: systemError('QUEUE_FULL', text) });
        }
      }

      function begin(): void {
        if (subscription || over) return;
        if (signal?.aborted) return aborted();
        signal?.addEventListener('abort', aborted);
        try {
          subscription = subscribe({ next, error: (error) => end({ error }), complete: () => end({}) });
        } catch (error) {
          end({ error });
        }
      }

      return {
        next: () => {
          begin();
          return new Promise((resolve, reject) => settle({ resolve, reject }));
        },
        return: () => {
          kept.length = 0;
          end({});
          return Promise.resolve({ done: true, value: undefined });
        },
      };
    },
  };
}
