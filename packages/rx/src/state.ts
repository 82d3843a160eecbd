import type { ConnectionState } from '@hawser/core';
import { Observable } from 'rxjs';
import type { UntypedClient } from './untyped-client.ts';

/** The state of a client: the current one on subscribe, then every change; completes after `closed`. */
export function state(client: UntypedClient): Observable<ConnectionState> {
  return new Observable((subscriber) => {
    const emit = (now: ConnectionState): void => {
      subscriber.next(now);
      if (now.status === 'closed') subscriber.complete();
    };
    // Listening comes first: a subscriber that connects on the first value must see what follows, and one that takes
    // only that value must leave no listener behind.
    subscriber.add(client.onState(emit));
    emit(client.state);
  });
}
