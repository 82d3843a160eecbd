import { bindHooks } from '@hawser/react';
import type { Monitor } from '../contract.ts';

export const { SocketProvider, useCall, useConnectionState, useHandler, useLastMessage, useMessage, useMessages } =
  bindHooks<Monitor>();
