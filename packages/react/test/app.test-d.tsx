// The example of the documentation, as an application would write it.
import type { Client } from '@hawser/core';
import { bindHooks } from '@hawser/react';
import type { ReactElement } from 'react';
import { expectTypeOf, test } from 'vitest';
import type { Fleet } from './fleet.ts';

declare const client: Client<Fleet>;

export const {
  SocketProvider,
  useSocket,
  useConnectionState,
  useMessage,
  useLastMessage,
  useMessages,
  useCall,
  useHandler,
} = bindHooks<Fleet>();

export const App = (): ReactElement => (
  <SocketProvider client={client}>
    <Status />
    <Device />
  </SocketProvider>
);

function Status(): ReactElement {
  const status = useConnectionState((s) => s.status);
  return <p role="status">{status}</p>;
}

function Device(): ReactElement {
  const socket = useSocket();
  const alarms = useMessages('alarm', { limit: 100, filter: (a) => a.level === 'crit' });
  const planned = useLastMessage('maintenance');
  useMessage('alarm', (a) => navigator.vibrate?.(a.level === 'crit' ? 300 : 50));
  useHandler('reboot', async () => ({ ok: window.confirm('Reboot?') }));
  const threshold = useCall('setThreshold', { timeout: 3_000 });

  return (
    <section>
      <button disabled={threshold.isPending} onClick={() => threshold.call({ deviceId: 'd1', max: 80 })}>
        Set limit
      </button>
      {threshold.status === 'error' && threshold.error.code === 'UNKNOWN_DEVICE' && (
        <p>No device {threshold.error.data.deviceId}</p>
      )}
      {threshold.status === 'success' && <p>Applied {threshold.data.appliedAt}</p>}
      <button onClick={() => socket.send('heartbeat', { battery: 1 })}>Ping</button>
      <p>
        {alarms.length} alarms, next window {planned?.at.toLocaleString()}
      </p>
    </section>
  );
}

test('the example compiles', () => {
  expectTypeOf(App).returns.toEqualTypeOf<ReactElement>();
});
