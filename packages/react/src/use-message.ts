import { useDebugValue } from 'react';
import { useClient } from './socket-context.ts';
import { unlessClosed } from './unless-closed.ts';
import { useCommitEffect } from './use-commit-effect.ts';
import { useLatest } from './use-latest.ts';

/** Calls the latest committed `handler` for every message of this name, in order; never renders. */
export function useMessage(name: string, handler: (data: unknown, meta: unknown) => void): void {
  const client = useClient();
  const latest = useLatest(handler);
  useCommitEffect(() => unlessClosed(() => client.on(name, latest)), [client, name, latest]);
  useDebugValue(name);
}
