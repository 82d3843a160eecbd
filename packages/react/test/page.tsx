import type { ReactElement } from 'react';
import { hooks } from './hooks.ts';

const { useCall, useConnectionState, useHandler, useLastMessage, useMessage, useMessages, useSocket } = hooks;

/** Uses every hook and prints what it sees. */
export function Page({ onRender }: { readonly onRender?: (text: string) => void }): ReactElement {
  useSocket();
  const status = useConnectionState((s) => s.status);
  const whole = useConnectionState();
  const last = useLastMessage('reading');
  const rows = useMessages('reading', { limit: 10 });
  const call = useCall('whoami');
  useMessage('alarm', () => {});
  useHandler('reboot', () => ({ ok: true }));
  const text = `${status} ${whole.status} ${last?.celsius ?? 'none'} ${rows.length} ${call.status}`;
  onRender?.(text);
  return <p>{text}</p>;
}
