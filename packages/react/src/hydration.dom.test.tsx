import { act } from '@testing-library/react';
import { StrictMode } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import { hooks } from '../test/hooks.ts';
import { setStage } from '../test/mount.tsx';
import { Page } from '../test/page.tsx';

const { SocketProvider } = hooks;

test('the first render in the browser equals the server’s, then it is live', async () => {
  await using stage = setStage();
  const rendered: string[] = [];
  const page = (
    <StrictMode>
      <SocketProvider client={stage.client}>
        <Page onRender={(text) => rendered.push(text)} />
      </SocketProvider>
    </StrictMode>
  );
  const container = document.createElement('div');
  container.innerHTML = renderToString(page);
  const fromServer = container.textContent;
  expect(fromServer).toBe('idle idle none 0 idle');

  // Already connected when the page hydrates, so that idle is a choice and not luck.
  void stage.client.connect();
  await stage.settle();
  rendered.length = 0;
  const mismatches: unknown[] = [];
  const root = await act(async () => hydrateRoot(container, page, { onRecoverableError: (e) => mismatches.push(e) }));
  expect(rendered[0]).toBe(fromServer);
  expect(rendered.at(-1)).toBe('connected connected none 0 idle');
  expect(mismatches).toEqual([]);

  stage.bed.server.broadcast('reading', { deviceId: 'd', celsius: 3 });
  await stage.settle();
  await stage.frame();
  expect(container.textContent).toBe('connected connected 3 1 idle');
  act(() => root.unmount());
});
