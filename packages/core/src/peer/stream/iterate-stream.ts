import type { OpenStream, StreamFailure, StreamReader } from './open-stream.ts';

type Result = IteratorResult<unknown, undefined>;

/**
 * Reads a stream by asking for one item after the other; it is opened when the first one is asked for.
 *
 * No async generator: its `return` would wait for a `next` that is under way, and so would the cancel.
 */
export function iterateStream(open: (reader: StreamReader) => OpenStream): AsyncIterator<unknown, undefined> {
  /** Items nobody asked for yet, at most the window; or those who asked, for whom there is nothing yet. */
  const items: (readonly [value: unknown, bytes: number])[] = [];
  let asking: (readonly [resolve: (result: Result) => void, reject: (error: unknown) => void])[] = [];
  let stream: OpenStream | undefined;
  let over = false;
  let failure: StreamFailure | undefined;

  /** Ends those who still ask: the first one learns of the failure. */
  function finish(): void {
    const waiting = asking;
    asking = [];
    for (const [resolve, reject] of waiting) {
      if (failure) reject(failure.error);
      else resolve(done());
      failure = undefined;
    }
  }

  const reader: StreamReader = {
    next(value, bytes) {
      const first = asking.shift();
      if (!first) return void items.push([value, bytes]);
      stream?.took(bytes);
      first[0]({ done: false, value });
    },
    ended(why) {
      over = true;
      failure = why;
      if (why?.aborted) items.length = 0;
      finish();
    },
  };

  return {
    next() {
      if (!stream && !over) stream = open(reader);
      const item = items.shift();
      if (item) {
        stream?.took(item[1]);
        return Promise.resolve({ done: false, value: item[0] });
      }
      return new Promise((resolve, reject) => {
        asking.push([resolve, reject]);
        if (over) finish();
      });
    },
    return() {
      over = true;
      failure = undefined;
      items.length = 0;
      stream?.stop();
      finish();
      return Promise.resolve(done());
    },
  };
}

function done(): Result {
  return { done: true, value: undefined };
}
