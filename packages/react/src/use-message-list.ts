import { type Batch, MessageList } from './message-list.ts';
import { useClient } from './socket-context.ts';
import { unlessClosed } from './unless-closed.ts';
import { useCommitEffect } from './use-commit-effect.ts';
import { useKeyed } from './use-keyed.ts';
import { useLatest } from './use-latest.ts';

/** How much of what arrives is kept, and when it is shown. */
export interface ListOptions {
  readonly limit: number;
  readonly filter?: ((data: unknown) => boolean) | undefined;
  readonly batch?: Batch | undefined;
}

/** The list behind `useMessages` and `useLastMessage`, filled from the commit on and emptied by another name. */
export function useMessageList(name: string, { limit, filter, batch }: ListOptions): MessageList {
  const client = useClient();
  const list = useKeyed(client, name, () => new MessageList(limit));
  const accept = useLatest((data: unknown) => {
    if (!filter || filter(data)) list.add(data, batch);
  });
  useCommitEffect(() => unlessClosed(() => client.on(name, accept)), [client, name, accept]);
  // Hidden by <Activity> and shown again, a component shows what came in time.
  useCommitEffect(() => () => list.settle(), [list]);
  useCommitEffect(() => list.resize(limit), [list, limit]);
  return list;
}
