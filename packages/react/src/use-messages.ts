import { useDebugValue, useSyncExternalStore } from 'react';
import { noMessages } from './message-list.ts';
import { type ListOptions, useMessageList } from './use-message-list.ts';

const readNone = (): readonly unknown[] => noMessages;

/** The last `limit` messages of this name since mount, oldest first; renders at most once per frame. */
export function useMessages(name: string, options: ListOptions): readonly unknown[] {
  const list = useMessageList(name, options);
  const messages = useSyncExternalStore(list.subscribe, list.messages, readNone);
  useDebugValue(messages, ({ length }) => `${name}: ${length} of ${options.limit}`);
  return messages;
}
