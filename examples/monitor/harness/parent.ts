import type { ChildReport } from './child.ts';

/** Tells the process that started this one; does nothing when this one was started by hand. */
export function report(message: ChildReport): void {
  if (process.connected) process.send?.(message);
}

/**
 * Runs `stop` once when this process should end, then ends it.
 *
 * Ctrl-C reaches every process of the terminal at once; with a parent, it is the parent who decides the order.
 */
export function stopWithParent(stop: () => Promise<void>): void {
  let stopping = false;
  const end = (): void => {
    if (stopping) return;
    stopping = true;
    void stop().finally(() => process.exit());
  };
  process.once('disconnect', end);
  process.on('SIGTERM', end);
  process.on('SIGINT', () => {
    if (!process.connected) end();
  });
}
