import { Observable } from 'rxjs';
import { completeOnClose } from './complete-on-close.ts';
import { listen } from './listen.ts';
import type { UntypedClient } from './untyped-client.ts';

/** The data of one message; completes when the client is closed for good. */
export function message(client: UntypedClient, name: string): Observable<unknown> {
  return new Observable((subscriber) => {
    listen(client, name, subscriber, (data) => subscriber.next(data));
    completeOnClose(client, subscriber);
  });
}
