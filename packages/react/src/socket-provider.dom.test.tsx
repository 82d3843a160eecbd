import { act, cleanup, render } from '@testing-library/react';
import type { ReactElement } from 'react';
import { describe, expect, test, vi } from 'vitest';
import { hooks } from '../test/hooks.ts';
import { setStage } from '../test/mount.tsx';

const { SocketProvider, useCall, useConnectionState, useLastMessage, useMessage } = hooks;

function Page(): ReactElement {
  useMessage('alarm', () => {});
  return <p>{useConnectionState((s) => s.status)}</p>;
}

describe('SocketProvider', () => {
  test('connects a lazy client, and StrictMode makes one socket', async () => {
    await using stage = setStage({ client: { idleTimeout: 0 } });
    const { container } = stage.mount(<p />);
    expect(stage.held.ever.lease).toBe(2);
    await stage.settle();
    expect(container.textContent).toBe('');
    expect(stage.client.state.status).toBe('connected');
    expect(stage.bed.link.connections).toBe(1);
    vi.advanceTimersByTime(1_000);
    expect(stage.held.now.lease).toBe(1);
    await stage.settle();
    expect(stage.client.state.status).toBe('connected');
  });

  test('gives the lease back one second after unmounting', async () => {
    await using stage = setStage({ client: { idleTimeout: 0 } });
    stage.mount(<Page />);
    await stage.settle();
    vi.advanceTimersByTime(1_000);
    cleanup();
    expect(stage.held.now).toEqual({ on: 0, handle: 0, onState: 0, lease: 1 });
    vi.advanceTimersByTime(999);
    await stage.bed.clock.advance(999);
    expect(stage.client.state.status).toBe('connected');
    vi.advanceTimersByTime(1);
    expect(stage.held.now.lease).toBe(0);
    await stage.bed.clock.advance(1_000);
    expect(stage.client.state.status).toBe('idle');
  });

  test('mounted again within the second it keeps the socket', async () => {
    await using stage = setStage({ client: { idleTimeout: 0 } });
    stage.mount(<Page />);
    await stage.settle();
    for (let i = 0; i < 3; i += 1) {
      cleanup();
      vi.advanceTimersByTime(900);
      await stage.bed.clock.advance(900);
      stage.mount(<Page />);
      await stage.settle();
    }
    expect(stage.bed.link.connections).toBe(1);
    expect(stage.client.state.status).toBe('connected');
  });

  test('another client takes over: the hooks follow it, and the old one is let go', async () => {
    await using stage = setStage({ client: { idleTimeout: 0 } });
    const other = stage.bed.connectClient();
    const ui = (client: typeof other): ReactElement => (
      <SocketProvider client={client}>
        <Page />
      </SocketProvider>
    );
    const { rerender } = render(ui(stage.client));
    await stage.settle();
    rerender(ui(other));
    await stage.settle();
    expect(other.state.status).toBe('connected');
    expect(stage.held.now.on).toBe(0);
    expect(stage.held.now.onState).toBe(0);
    vi.advanceTimersByTime(1_000);
    await stage.bed.clock.advance(1_000);
    expect(stage.client.state.status).toBe('idle');
    expect(other.state.status).toBe('connected');
  });

  test('with another client the hooks start over: what they show belongs to one client', async () => {
    await using stage = setStage();
    const other = stage.bed.connectClient();
    stage.bed.server.handle('whoami', () => ({ user: 'ada' }));
    function Shown(): ReactElement {
      const last = useLastMessage('reading')?.celsius ?? 'none';
      const { status, call } = useCall('whoami');
      return <button onClick={() => call()}>{`${last} ${status}`}</button>;
    }
    const ui = (client: typeof other): ReactElement => (
      <SocketProvider client={client}>
        <Shown />
      </SocketProvider>
    );
    const { container, rerender } = render(ui(stage.client));
    await stage.settle();
    act(() => container.querySelector('button')?.click());
    stage.bed.server.broadcast('reading', { deviceId: 'd', celsius: 1 });
    await stage.settle();
    await stage.frame();
    expect(container.textContent).toBe('1 success');
    rerender(ui(other));
    expect(container.textContent).toBe('none idle');
  });

  test('never closes the client', async () => {
    await using stage = setStage();
    stage.mount(<Page />);
    await stage.settle();
    cleanup();
    vi.advanceTimersByTime(10_000);
    await stage.bed.clock.advance(10_000);
    expect(stage.client.state.status).toBe('connected');
  });
});
