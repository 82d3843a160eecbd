import { useDebugValue } from 'react';
import { useClient } from './socket-context.ts';
import type { UntypedClient } from './untyped-client.ts';

/** What components do with a connection they do not own. */
export type UntypedActions = Omit<UntypedClient, 'state' | 'onState' | 'lease'>;

const actions = new WeakMap<UntypedClient, UntypedActions>();

/** The actions of the nearest client: one object per client, whose functions may be taken out of it. */
export function useSocket(): UntypedActions {
  const client = useClient();
  useDebugValue(client.state.status);
  return actionsOf(client);
}

function actionsOf(client: UntypedClient): UntypedActions {
  let made = actions.get(client);
  if (!made) {
    made = Object.freeze({
      send: client.send.bind(client),
      on: client.on.bind(client),
      once: client.once.bind(client),
      call: client.call.bind(client),
      safeCall: client.safeCall.bind(client),
      handle: client.handle.bind(client),
    });
    actions.set(client, made);
  }
  return made;
}
