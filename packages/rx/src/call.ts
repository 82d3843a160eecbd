import type { CallOptions } from '@hawser/core';
import { from, Observable } from 'rxjs';
import type { UntypedClient } from './untyped-client.ts';

/** One call per subscription; unsubscribing before the answer aborts it. */
export function call(
  client: UntypedClient,
  name: string,
  input: unknown,
  options: CallOptions = {},
): Observable<unknown> {
  return new Observable((subscriber) => {
    const controller = new AbortController();
    const outer = options.signal;
    const relay = (): void => controller.abort(outer?.reason);
    if (outer?.aborted) relay();
    else outer?.addEventListener('abort', relay);

    let settled = false;
    subscriber.add(() => {
      outer?.removeEventListener('abort', relay);
      // An abort builds an exception with its stack, which a call that is over need not pay for.
      if (!settled) controller.abort();
    });
    from(client.call(name, input, { ...options, signal: controller.signal })).subscribe({
      next(output) {
        settled = true;
        subscriber.next(output);
      },
      error(error: unknown) {
        settled = true;
        subscriber.error(error);
      },
      complete: () => subscriber.complete(),
    });
  });
}
