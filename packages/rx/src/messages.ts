import { Observable } from 'rxjs';
import { completeOnClose } from './complete-on-close.ts';
import { listen } from './listen.ts';
import type { UntypedClient } from './untyped-client.ts';

/** One message of a contract with its name. */
export interface NamedMessage {
  readonly type: string;
  readonly data: unknown;
}

/** Every message the contract lets the server send; completes when the client is closed for good. */
export function messages(client: UntypedClient): Observable<NamedMessage> {
  return new Observable((subscriber) => {
    for (const [type, { kind }] of Object.entries(client.contract.serverToClient)) {
      if (kind === 'message') listen(client, type, subscriber, (data) => subscriber.next({ type, data }));
    }
    completeOnClose(client, subscriber);
  });
}
