import type { Subscriber } from 'rxjs';
import type { UntypedClient } from './untyped-client.ts';

/** Completes the subscriber when the client is closed for good, at once if it already is. */
export function completeOnClose(client: UntypedClient, subscriber: Subscriber<unknown>): void {
  if (client.state.status === 'closed') {
    subscriber.complete();
    return;
  }
  subscriber.add(
    client.onState((now) => {
      if (now.status === 'closed') subscriber.complete();
    }),
  );
}
