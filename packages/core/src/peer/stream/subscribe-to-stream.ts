import { explain } from '../../shared/explain.ts';
import type { ObserverOrNext, Subscription } from '../observer.ts';
import type { PeerHost } from '../peer-host.ts';
import { problem } from '../problem.ts';
import type { OpenStream, StreamReader } from './open-stream.ts';

/** Reads a stream as fast as it comes, without a promise for each item. */
export function subscribeToStream(
  host: PeerHost,
  name: string,
  open: (reader: StreamReader) => OpenStream,
  given: ObserverOrNext<unknown>,
): Subscription {
  const observer = typeof given === 'function' ? { next: given } : given;
  const report = (text: string | false, cause: unknown): void =>
    host.report(problem('handler-error', name, 'INTERNAL', text, { cause }));
  const threw = (cause: unknown): void => report(explain && `A reader of "${name}" threw; it goes on reading.`, cause);

  const stream = open({
    next(value, bytes) {
      try {
        observer.next?.(value);
      } catch (error) {
        threw(error);
      }
      stream.took(bytes);
    },
    ended(failure) {
      try {
        if (!failure) observer.complete?.();
        else if (observer.error) observer.error(failure.error);
        else if (!failure.aborted)
          report(explain && `"${name}" failed, and its reader has no function for errors.`, failure.error);
      } catch (error) {
        threw(error);
      }
    },
  });
  return {
    get closed() {
      return stream.closed;
    },
    unsubscribe: stream.stop,
    [Symbol.dispose]: stream.stop,
  };
}
