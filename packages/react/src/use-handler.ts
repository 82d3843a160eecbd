import { useDebugValue } from 'react';
import { useClient } from './socket-context.ts';
import { unlessClosed } from './unless-closed.ts';
import { useCommitEffect } from './use-commit-effect.ts';
import { useLatest } from './use-latest.ts';

/** Answers a call of the server with the latest committed `handler` while mounted; never renders. */
export function useHandler(name: string, handler: (input: unknown, context: unknown) => unknown): void {
  const client = useClient();
  const latest = useLatest(handler);
  useCommitEffect(() => unlessClosed(() => client.handle(name, latest)), [client, name, latest]);
  useDebugValue(name);
}
