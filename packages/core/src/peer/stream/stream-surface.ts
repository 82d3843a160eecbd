import type { CallIn } from '../contract-types.ts';
import type { ObserverOrNext, Subscription } from '../observer.ts';

/** How one stream is read. */
export interface StreamOptions {
  /** Cancels the stream here and on the other side; readers fail with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Items that may be on the way or waiting here at once, 1 to 1,024. @defaultValue 32 */
  readonly window?: number;
}

/** Arguments of `stream` after the name: input (when the stream has one), then options. */
export type StreamArgs<D> = [CallIn<D>] extends [undefined]
  ? [input?: undefined, options?: StreamOptions]
  : [input: CallIn<D>, options?: StreamOptions];

/**
 * A stream to be read; each `subscribe` and each `for await` asks for it anew, and nothing is asked before.
 *
 * A slow reader slows the sender: at most `window` items wait here. Reading survives dropped links without loss or
 * repetition; when the session is lost it fails with `SESSION_LOST` or `UNKNOWN_OUTCOME`.
 */
export interface Stream<T> extends AsyncIterable<T> {
  /** Reads as fast as items come; without an `error` function failures are reported through `onProblem`. */
  subscribe(observer: ObserverOrNext<T>): Subscription;
}
