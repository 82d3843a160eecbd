import type { CallOptions, Client, Contract } from '@hawser/core';
import { call } from './call.ts';
import { message } from './message.ts';
import { messages } from './messages.ts';
import type { Rx } from './rx-surface.ts';
import { sink, type SinkOptions } from './sink.ts';
import { state } from './state.ts';
import type { UntypedClient } from './untyped-client.ts';

/**
 * Gives a client's state, messages and calls as typed observables.
 *
 * Nothing happens until one is subscribed to, and nothing stays when it is unsubscribed from; calling it twice is fine.
 *
 * @param client - what `createClient` returned; it stays the caller's to connect and to close
 */
export function toRx<C extends Contract>(client: Client<C>): Rx<C> {
  const untyped = client as unknown as UntypedClient;
  const rx = {
    state$: state(untyped),
    messages$: messages(untyped),
    message$: (name: string) => message(untyped, name),
    call$: (name: string, input?: unknown, options?: CallOptions) => call(untyped, name, input, options),
    sink: (name: string, options?: SinkOptions) => sink(untyped, name, options),
  };
  return rx as unknown as Rx<C>;
}
