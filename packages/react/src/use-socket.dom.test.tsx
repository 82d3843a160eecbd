import type { ReactElement } from 'react';
import { expect, test, vi } from 'vitest';
import { hooks } from '../test/hooks.ts';
import { setStage } from '../test/mount.tsx';

const { useSocket } = hooks;
const sockets: ReturnType<typeof useSocket>[] = [];

function Button(): ReactElement {
  const socket = useSocket();
  sockets.push(socket);
  // oxlint-disable-next-line typescript/unbound-method -- taken out of the object, as people do
  const { send } = socket;
  return <button onClick={() => send('heartbeat', { battery: 1 })} />;
}

test('gives one object per client, which never causes a render and has neither state nor close', async () => {
  await using stage = setStage();
  sockets.length = 0;
  const { rerender } = stage.mount(
    <>
      <Button />
      <Button />
    </>,
  );
  const commits = stage.commits();
  await stage.settle();
  expect(stage.client.state.status).toBe('connected');
  expect(stage.commits()).toBe(commits);
  rerender(<Button />);
  expect(new Set(sockets).size).toBe(1);
  expect(new Set(Object.keys(sockets[0] ?? {}))).toEqual(new Set(['send', 'on', 'once', 'call', 'safeCall', 'handle']));
});

test('its functions work on their own', async () => {
  await using stage = setStage();
  const batteries: number[] = [];
  stage.bed.server.on('heartbeat', ({ battery }) => batteries.push(battery));
  stage.bed.server.handle('whoami', () => ({ user: 'ada' }));
  const { container } = stage.mount(<Button />);
  container.querySelector('button')?.click();
  // oxlint-disable-next-line typescript/unbound-method -- taken out of the object, as people do
  const { call, safeCall, on, once, handle } = sockets.at(-1)!;
  const called = [call('whoami'), safeCall('whoami')];
  const next = once('alarm');
  const stops = [on('alarm', () => {}), handle('reboot', () => ({ ok: true }))];
  await stage.settle();
  stage.bed.server.broadcast('alarm', { level: 'warn', text: 'x' });
  await stage.settle();
  expect(batteries).toEqual([1]);
  expect(await Promise.all([...called, next])).toEqual([
    { user: 'ada' },
    { ok: true, data: { user: 'ada' } },
    { level: 'warn', text: 'x' },
  ]);
  for (const stop of stops) stop();
});

test('outside a provider every hook says what to do', async () => {
  const { render } = await import('@testing-library/react');
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  expect(() => render(<Button />)).toThrow('<SocketProvider client={client}>');
  error.mockRestore();
});
