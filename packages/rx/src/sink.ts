import type { SendOptions, SystemError } from '@hawser/core';
import type { Observer } from 'rxjs';
import type { UntypedClient } from './untyped-client.ts';

/** How a sink sends, and who hears when it cannot. */
export interface SinkOptions extends SendOptions {
  /**
   * Called with what `send` threw, for each value that was not accepted.
   * @defaultValue thrown on: RxJS reports it as unhandled
   */
  readonly onError?: (error: SystemError) => void;
}

/** An observer whose values are sent; a source's `error` and `complete` are ignored. */
export function sink(client: UntypedClient, name: string, options?: SinkOptions): Observer<unknown> {
  return {
    next(data) {
      try {
        client.send(name, data, options);
      } catch (error) {
        if (!options?.onError) throw error;
        options.onError(error as SystemError);
      }
    },
    error() {},
    complete() {},
  };
}
