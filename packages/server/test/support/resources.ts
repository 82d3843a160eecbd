import { createHook } from 'node:async_hooks';
import { until } from './until.ts';

/** Watches what is opened from now on; the runner's own timers are told apart by where they were made. */
export interface ResourceWatch {
  /** Timers running, with where each was set; unref'd ones do not count, they keep no process alive. */
  timers(): string[];
  /** Sockets and listening sockets opened since and still open. */
  sockets(): number;
  /** Fails unless, within a deadline, neither is left. Ends the watch. */
  done(): Promise<void>;
}

/**
 * Starts watching. Call it first in a test, and `done` last.
 *
 * `process.getActiveResourcesInfo()` alone would not do: the test runner's timers come and go in the same count.
 */
export function watchResources(): ResourceWatch {
  const running = new Map<number, { timer: NodeJS.Timeout; setBy: string }>();
  const hook = createHook({
    init(id, type, _trigger, timer) {
      if (type !== 'Timeout') return;
      const setBy = firstOwnLine(new Error('set here').stack ?? '');
      // Waiting for the last timer to go must not count as one.
      if (/vitest|until\.ts/.test(setBy)) return;
      running.set(id, { timer: timer as NodeJS.Timeout, setBy });
    },
    destroy(id) {
      running.delete(id);
    },
  });
  hook.enable();
  const before = openSockets();
  const sockets = (): number => openSockets() - before;
  const timers = (): string[] => [...running.values()].filter(({ timer }) => timer.hasRef()).map(({ setBy }) => setBy);
  return {
    timers,
    sockets,
    async done() {
      try {
        await until(
          'no timer and no socket is left',
          () => sockets() <= 0 && timers().length === 0,
          4_000,
          () => ({ sockets: sockets(), timers: timers() }),
        );
      } finally {
        hook.disable();
      }
    },
  };
}

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap' || kind === 'TCPServerWrap').length;
}

function firstOwnLine(stack: string): string {
  const lines = stack.split('\n').slice(1);
  const own = lines.find((line) => !line.includes('node:') && !line.includes('resources.ts'));
  return (own ?? lines.at(-1) ?? 'unknown').trim();
}
