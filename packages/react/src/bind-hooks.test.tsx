import { createTestBed } from '@hawser/core/testing';
import { renderToPipeableStream, renderToString } from 'react-dom/server';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { fleet } from '../test/fleet.ts';
import { hooks } from '../test/hooks.ts';
import { Page } from '../test/page.tsx';
import { countHeld } from '../test/count-held.ts';
import { bindHooks } from './index.ts';

// This runs in Node, where no browser global exists.
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const { SocketProvider } = hooks;

test('bindHooks makes nothing: every call returns the same hooks', () => {
  expect(bindHooks()).toBe(bindHooks());
});

describe('on a server', () => {
  test('importing the package starts no timer and asks for no frame, socket or event', async () => {
    const touched: string[] = [];
    for (const name of [
      'setTimeout',
      'setInterval',
      'requestAnimationFrame',
      'addEventListener',
      'WebSocket',
      'fetch',
    ]) {
      vi.stubGlobal(name, () => touched.push(name));
    }
    vi.resetModules();
    const fresh = await import('./index.ts');
    expect(fresh.bindHooks).not.toBe(bindHooks);
    fresh.bindHooks();
    expect(touched).toEqual([]);
  });

  test('every hook is inert: no lease, no listener, no socket, no timer, no warning', async () => {
    await using bed = createTestBed(fleet);
    const held = countHeld(bed.client);
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const timeout = vi.spyOn(globalThis, 'setTimeout');
    const page = (
      <SocketProvider client={bed.client}>
        <Page />
      </SocketProvider>
    );
    expect(renderToString(page)).toBe('<p>idle idle none 0 idle</p>');
    expect(timeout).not.toHaveBeenCalled();
    timeout.mockRestore();
    await bed.clock.settle();
    expect(held.ever).toEqual({ on: 0, handle: 0, lease: 0, onState: 0 });
    expect(bed.link.connections).toBe(0);
    expect(bed.client.state.status).toBe('idle');
    expect(error).not.toHaveBeenCalled();
  });

  test('the state is idle even when the client of the server is connected', async () => {
    await using bed = createTestBed(fleet);
    void bed.client.connect();
    await bed.clock.settle();
    const page = (
      <SocketProvider client={bed.client}>
        <Page />
      </SocketProvider>
    );
    let html = '';
    await new Promise<void>((resolve, reject) => {
      const sink = new Writable({
        write(chunk, _, done) {
          html += String(chunk);
          done();
        },
      });
      sink.on('finish', resolve);
      renderToPipeableStream(page, { onError: reject }).pipe(sink);
    });
    expect(html).toContain('idle idle none 0 idle');
  });
});
