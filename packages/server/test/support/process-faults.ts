/** What no input and no fault of the network may ever cause; each entry is one occurrence in words. */
export interface ProcessFaults {
  readonly found: readonly string[];
  stop(): void;
}

/** Watches this process for uncaught exceptions, unhandled rejections and warnings. */
export function watchProcess(): ProcessFaults {
  const found: string[] = [];
  const note = (kind: string) => (error: unknown) => {
    found.push(`${kind}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  };
  const listeners = {
    uncaughtException: note('uncaught exception'),
    unhandledRejection: note('unhandled rejection'),
    warning: note('warning'),
  };
  for (const [event, listener] of Object.entries(listeners)) process.on(event, listener);
  return {
    found,
    stop() {
      for (const [event, listener] of Object.entries(listeners)) process.off(event, listener);
    },
  };
}
