import { type Context, createContext, useContext } from 'react';
import type { UntypedClient } from './untyped-client.ts';

/** Carries the client of the nearest `SocketProvider`. */
export const SocketContext: Context<UntypedClient | undefined> = createContext<UntypedClient | undefined>(undefined);

/** The client of the nearest provider. @throws Error outside a provider */
export function useClient(): UntypedClient {
  const client = useContext(SocketContext);
  if (!client)
    throw new Error('No client here: render <SocketProvider client={client}> above the component that uses this hook.');
  return client;
}
