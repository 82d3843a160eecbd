import type { SystemError } from '@hawser/core';
import type { Subscriber } from 'rxjs';
import type { UntypedClient } from './untyped-client.ts';

/**
 * Listens to a message while the subscriber lasts.
 *
 * A client that is closing, or closed, refuses listeners by throwing `UNAVAILABLE`. Nothing will arrive from it, which is
 * no error to a subscriber: it hears nothing and completes with the client.
 */
export function listen(
  client: UntypedClient,
  name: string,
  subscriber: Subscriber<unknown>,
  heard: (data: unknown) => void,
): void {
  try {
    subscriber.add(client.on(name, heard));
  } catch (error) {
    if ((error as Partial<SystemError>).code !== 'UNAVAILABLE') throw error;
  }
}
