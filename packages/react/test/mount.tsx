import type { Client } from '@hawser/core';
import { createTestBed, type TestBed, type TestBedOptions } from '@hawser/core/testing';
import { act, cleanup, configure, render, type RenderResult } from '@testing-library/react';
import { Profiler, type ReactNode } from 'react';
import { vi } from 'vitest';
import { countHeld, type Held } from './count-held.ts';
import { type Fleet, fleet } from './fleet.ts';
import { hooks } from './hooks.ts';

configure({ reactStrictMode: true });
Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

/** A test bed with a page around it; frames and timers of the page are fake, React and its StrictMode are real. */
export interface Stage extends AsyncDisposable {
  readonly bed: TestBed<Fleet>;
  readonly client: Client<Fleet>;
  readonly held: Held;
  /** Commits of what was mounted. */
  readonly commits: () => number;
  /** Renders below a `SocketProvider`. */
  readonly mount: (ui: ReactNode) => RenderResult;
  /** Lets everything under way arrive. */
  readonly settle: () => Promise<void>;
  /** Lets the next animation frame come. */
  readonly frame: () => Promise<void>;
}

/** Sets the stage; it is cleared and checked for leaks when disposed of. */
export function setStage(options?: TestBedOptions<Fleet>): Stage {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame'] });
  const bed = createTestBed(fleet, options);
  const { client } = bed;
  const held = countHeld(client);
  let commits = 0;
  const settle = (): Promise<void> => act(() => bed.clock.settle());
  return {
    bed,
    client,
    held,
    commits: () => commits,
    mount: (ui) =>
      render(ui, {
        wrapper: ({ children }) => (
          <Profiler id="stage" onRender={() => (commits += 1)}>
            <hooks.SocketProvider client={client}>{children}</hooks.SocketProvider>
          </Profiler>
        ),
      }),
    settle,
    frame: () => act(async () => void vi.advanceTimersToNextFrame()),
    async [Symbol.asyncDispose]() {
      cleanup();
      // The grace of the lease.
      vi.advanceTimersByTime(1_000);
      const left = { ...held.now, timers: vi.getTimerCount() };
      vi.useRealTimers();
      await bed[Symbol.asyncDispose]();
      for (const [what, count] of Object.entries(left)) {
        if (count !== 0) throw new Error(`${count} of ${what} left after unmounting`);
      }
    },
  };
}
