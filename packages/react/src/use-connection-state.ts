import type { ConnectionState } from '@hawser/core';
import { useCallback, useDebugValue, useMemo, useSyncExternalStore } from 'react';
import { selection } from './selection.ts';
import { useClient } from './socket-context.ts';

const idle: ConnectionState = Object.freeze({ status: 'idle' });
const readIdle = (): ConnectionState => idle;
const whole = (state: ConnectionState): unknown => state;

/** The connection state or a selection of it; renders again only when that changes by `Object.is`. */
export function useConnectionState(select: (state: ConnectionState) => unknown = whole): unknown {
  const client = useClient();
  const subscribe = useCallback((listener: () => void) => client.onState(listener), [client]);
  const selected = useMemo(() => selection(() => client.state, select), [client, select]);
  const selectedIdle = useMemo(() => selection(readIdle, select), [select]);
  const value = useSyncExternalStore(subscribe, selected, selectedIdle);
  useDebugValue(value);
  return value;
}
