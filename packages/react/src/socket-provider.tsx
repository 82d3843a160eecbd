import { type ReactElement, type ReactNode, useEffect } from 'react';
import { leaseWithGrace } from './lease-grace.ts';
import { SocketContext } from './socket-context.ts';
import { unlessClosed } from './unless-closed.ts';
import type { UntypedClient } from './untyped-client.ts';

/** Gives a client to the components below and keeps its connection wanted while mounted. */
export function SocketProvider({
  client,
  children,
}: {
  readonly client: UntypedClient;
  readonly children?: ReactNode;
}): ReactElement {
  useEffect(() => unlessClosed(() => leaseWithGrace(client)), [client]);
  return <SocketContext.Provider value={client}>{children}</SocketContext.Provider>;
}
