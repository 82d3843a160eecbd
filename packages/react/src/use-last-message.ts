import { useDebugValue, useSyncExternalStore } from 'react';
import type { Batch } from './message-list.ts';
import { useMessageList } from './use-message-list.ts';

const readNone = (): undefined => undefined;

/** The newest message of this name since mount; renders at most once per frame, so it skips what lies between. */
export function useLastMessage(name: string, options?: { readonly batch?: Batch }): unknown {
  const list = useMessageList(name, { limit: 1, batch: options?.batch });
  const message = useSyncExternalStore(list.subscribe, list.last, readNone);
  useDebugValue(message);
  return message;
}
