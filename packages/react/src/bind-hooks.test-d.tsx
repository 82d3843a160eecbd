import type { Client, ClientActions, ConnectionState, MessageMeta, SystemError } from '@hawser/core';
import { describe, expectTypeOf, test } from 'vitest';
import type { Fleet } from '../test/fleet.ts';
import { bindHooks, type CallState, type Hooks } from './index.ts';

const hooks = bindHooks<Fleet>();
const { SocketProvider, useSocket, useConnectionState, useMessage, useLastMessage, useMessages, useCall, useHandler } =
  hooks;
declare const client: Client<Fleet>;
declare const strangers: Client<{
  readonly id: string;
  readonly clientToServer: Record<never, never>;
  readonly serverToClient: Record<never, never>;
  readonly topics: Record<never, never>;
}>;

type Alarm = { level: 'warn' | 'crit'; text: string };

describe('bindHooks', () => {
  test('returns the hooks of the contract', () => {
    expectTypeOf(hooks).toEqualTypeOf<Hooks<Fleet>>();
    // @ts-expect-error not a contract
    bindHooks<{ id: string }>();
  });

  test('SocketProvider is a component that wants a client of this contract', () => {
    const element = (
      <SocketProvider client={client}>
        <p />
        text
      </SocketProvider>
    );
    void element;
    // @ts-expect-error no client
    void (<SocketProvider />);
    // @ts-expect-error a client of another contract
    void (<SocketProvider client={strangers} />);
    // @ts-expect-error connections are configured outside React
    void (<SocketProvider client={client} url="ws://x" />);
  });

  test('useSocket gives actions and nothing that changes', () => {
    const socket = useSocket();
    expectTypeOf(socket).toEqualTypeOf<ClientActions<Fleet>>();
    socket.send('heartbeat', { battery: 1 });
    // @ts-expect-error payload is checked
    socket.send('heartbeat', { battery: 'full' });
    // @ts-expect-error state comes from useConnectionState
    void socket.state;
    // @ts-expect-error components do not close the connection
    void socket.close;
  });

  test('useConnectionState gives the union or the selection', () => {
    expectTypeOf(useConnectionState()).toEqualTypeOf<ConnectionState>();
    expectTypeOf(useConnectionState((s) => s.status)).toEqualTypeOf<ConnectionState['status']>();
    expectTypeOf(useConnectionState((s) => s.status === 'connected')).toEqualTypeOf<boolean>();
    // @ts-expect-error only some states have it
    useConnectionState((s) => s.attempt);
  });

  test('useMessage types the handler', () => {
    useMessage('alarm', (data, meta) => {
      expectTypeOf(data).toEqualTypeOf<Alarm>();
      expectTypeOf(meta).toEqualTypeOf<MessageMeta>();
    });
    // @ts-expect-error no such message
    useMessage('alarms', () => {});
    // @ts-expect-error only clients send it
    useMessage('heartbeat', () => {});
    // @ts-expect-error a call is handled, not listened to
    useMessage('reboot', () => {});
    // @ts-expect-error the handler's argument is checked
    useMessage('alarm', (data: { level: number }) => data);
  });

  test('useLastMessage and useMessages carry what the schema makes', () => {
    expectTypeOf(useLastMessage('maintenance')).toEqualTypeOf<{ at: Date } | undefined>();
    expectTypeOf(useLastMessage('alarm', { batch: 'none' })).toEqualTypeOf<Alarm | undefined>();
    expectTypeOf(useMessages('alarm', { limit: 3 })).toEqualTypeOf<readonly Alarm[]>();
    useMessages('alarm', { limit: 3, filter: (a) => a.level === 'crit', batch: 'frame' });
    // @ts-expect-error limit is required
    useMessages('alarm', {});
    // @ts-expect-error options are required
    useMessages('alarm');
    // @ts-expect-error filter sees the data
    useMessages('alarm', { limit: 3, filter: (a) => a.celsius > 3 });
    // @ts-expect-error no such batch
    useMessages('alarm', { limit: 3, batch: 'second' });
    // @ts-expect-error the list is not the component's to change
    useMessages('alarm', { limit: 3 }).push({ level: 'warn', text: '' });
    // @ts-expect-error only clients send it
    useLastMessage('heartbeat');
  });

  test('useCall is a union on status with typed errors', () => {
    const threshold = useCall('setThreshold', { timeout: 3_000 });
    expectTypeOf(threshold).toEqualTypeOf<CallState<Fleet['clientToServer']['setThreshold']>>();
    switch (threshold.status) {
      case 'idle':
        expectTypeOf(threshold.input).toEqualTypeOf<undefined>();
        break;
      case 'pending':
        expectTypeOf(threshold.isPending).toEqualTypeOf<true>();
        expectTypeOf(threshold.input).toEqualTypeOf<{ deviceId: string; max: number }>();
        break;
      case 'success':
        expectTypeOf(threshold.data).toEqualTypeOf<{ appliedAt: number }>();
        break;
      case 'error':
        if (threshold.error.origin === 'system') {
          expectTypeOf(threshold.error).toEqualTypeOf<SystemError>();
          break;
        }
        switch (threshold.error.code) {
          case 'UNKNOWN_DEVICE':
            expectTypeOf(threshold.error.data).toEqualTypeOf<{ deviceId: string }>();
            break;
          case 'READ_ONLY':
            break;
          default:
            threshold.error satisfies never;
        }
        break;
      default:
        threshold satisfies never;
    }
    // @ts-expect-error data is only there on success
    void threshold.data.appliedAt;
  });

  test('useCall takes what call takes', () => {
    const { call, callAsync } = useCall('setThreshold');
    expectTypeOf(call({ deviceId: 'd1', max: 1 })).toEqualTypeOf<void>();
    expectTypeOf(callAsync({ deviceId: 'd1', max: 1 }, { timeout: 1 })).toEqualTypeOf<Promise<{ appliedAt: number }>>();
    const whoami = useCall('whoami');
    whoami.call();
    whoami.call(undefined, { timeout: 1 });
    // @ts-expect-error an event would travel as input
    void (<button onClick={whoami.call} />);
    // @ts-expect-error input is needed
    call();
    // @ts-expect-error input is checked
    call({ deviceId: 1, max: 1 });
    // @ts-expect-error the server makes this call
    useCall('reboot');
    // @ts-expect-error a message is not a call
    useCall('heartbeat');
    // @ts-expect-error a key for every call of the hook would make them one
    useCall('setThreshold', { idempotencyKey: 'x' });
  });

  test('useHandler types input, output and fail', () => {
    useHandler('reboot', ({ delaySec }, { fail, signal }) => {
      expectTypeOf(delaySec).toEqualTypeOf<number>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      if (delaySec > 60) fail('BUSY', { job: 'update' });
      return { ok: true };
    });
    useHandler('reboot', async () => ({ ok: false }));
    // @ts-expect-error the answer is checked
    useHandler('reboot', () => ({ ok: 'yes' }));
    useHandler('reboot', (_, { fail }) =>
      // @ts-expect-error not an error of this call
      fail('UNKNOWN_DEVICE', { deviceId: 'd1' }),
    );
    // @ts-expect-error clients make this call
    useHandler('whoami', () => ({ user: '' }));
    // @ts-expect-error a message is listened to
    useHandler('alarm', () => undefined);
  });
});
