import type { Report } from './messages.ts';

/** Tells the test; `done` is called when it has left. */
export function tell(report: Report, done?: () => void): void {
  process.send?.(report, () => done?.());
}

/** Everything that must never happen is told, and ends the process. */
export function watchForFaults(): void {
  const end = (kind: string) => (error: unknown) => {
    tell({ type: 'fault', what: `${kind}: ${error instanceof Error ? error.stack : String(error)}` });
    process.exit(70);
  };
  process.on('uncaughtException', end('uncaught exception'));
  process.on('unhandledRejection', end('unhandled rejection'));
  process.on('warning', (warning) => tell({ type: 'fault', what: `warning: ${warning.stack ?? warning.message}` }));
}
