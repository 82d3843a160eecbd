import { createTestBed } from '@hawser/core/testing';
import { Profiler, type ReactElement, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, test } from 'vitest';
import { fleet } from '../test/fleet.ts';
import { hooks } from '../test/hooks.ts';

const { SocketProvider, useLastMessage, useMessage, useMessages } = hooks;

const nextFrame = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => resolve()));
const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(undefined);
  });

test('ten thousand messages in many tasks are one commit per animation frame', async () => {
  await using bed = createTestBed(fleet, { clock: 'real' });
  const seen: number[] = [];
  function Rows(): ReactElement {
    return <p>{useMessages('reading', { limit: 200 }).at(-1)?.celsius}</p>;
  }
  function Last(): ReactElement {
    return <p>{useLastMessage('reading')?.celsius}</p>;
  }
  function All(): null {
    useMessage('reading', (r) => seen.push(r.celsius));
    return null;
  }

  const commits: number[] = [];
  let frame = 0;
  const container = document.body.appendChild(document.createElement('div'));
  const root = createRoot(container);
  root.render(
    <StrictMode>
      <Profiler id="page" onRender={() => commits.push(frame)}>
        <SocketProvider client={bed.client}>
          <Rows />
          <Rows />
          <Last />
          <All />
        </SocketProvider>
      </Profiler>
    </StrictMode>,
  );
  await bed.client.connect();
  while (commits.length === 0) await nextFrame();
  await nextFrame();
  commits.length = 0;

  // Asked for first in each frame, so its callback runs before the scheduler's.
  let counting = true;
  const count = (): void => {
    frame += 1;
    if (counting) requestAnimationFrame(count);
  };
  requestAnimationFrame(count);

  const total = 10_000;
  let tasks = 0;
  for (let i = 0; i < total; i += 1) {
    bed.server.broadcast('reading', { deviceId: 'd', celsius: i });
    if (i % 20 === 19) {
      tasks += 1;
      await nextTask();
    }
  }
  while (seen.length < total) await nextTask();
  await nextFrame();
  await nextFrame();
  counting = false;

  expect(seen).toEqual(Array.from({ length: total }, (_, i) => i));
  expect(container.textContent).toBe('9999'.repeat(3));
  expect(tasks).toBe(500);
  expect(commits.length).toBeGreaterThan(0);
  expect(new Set(commits).size).toBe(commits.length);
  expect(commits.length).toBeLessThanOrEqual(frame);
  expect(commits.length).toBeLessThan(tasks / 2);
  root.unmount();
  container.remove();
});
