import type { Contract } from '@hawser/core';
import type { Hooks } from './hooks-surface.ts';
import { SocketProvider } from './socket-provider.tsx';
import { useCall } from './use-call.ts';
import { useConnectionState } from './use-connection-state.ts';
import { useHandler } from './use-handler.ts';
import { useLastMessage } from './use-last-message.ts';
import { useMessage } from './use-message.ts';
import { useMessages } from './use-messages.ts';
import { useSocket } from './use-socket.ts';

const hooks = {
  SocketProvider,
  useSocket,
  useConnectionState,
  useMessage,
  useLastMessage,
  useMessages,
  useCall,
  useHandler,
};

/**
 * Gives the hooks the types of a contract: `export const { useCall, … } = bindHooks<Fleet>()`.
 *
 * Only a cast: it makes nothing, so it may be called anywhere and any number of times.
 */
export function bindHooks<C extends Contract>(): Hooks<C> {
  return hooks as unknown as Hooks<C>;
}
