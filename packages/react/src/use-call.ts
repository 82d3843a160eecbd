import { useDebugValue, useInsertionEffect, useSyncExternalStore } from 'react';
import { type CallSnapshot, CallStore, type UseCallOptions } from './call-store.ts';
import { useClient } from './socket-context.ts';
import { useKeyed } from './use-keyed.ts';

/** Makes calls and shows the latest one: its status, input, answer or error. */
export function useCall(name: string, options: UseCallOptions = {}): CallSnapshot {
  const client = useClient();
  const store = useKeyed(client, name, () => new CallStore(client, name));
  useInsertionEffect(() => store.configure(options));
  const snapshot = useSyncExternalStore(store.subscribe, store.snapshot, () => store.idle);
  useDebugValue(snapshot, ({ status }) => `${name}: ${status}`);
  return snapshot;
}
