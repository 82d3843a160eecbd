/** CPU and wall time of this process since a mark, microseconds. */
export interface Usage {
  /** Of all threads. */
  readonly cpu: number;
  /** Of the main thread. */
  readonly main: number;
  readonly wall: number;
}

/** Starts measuring; the returned function tells what was used since. CPU is user and system time. */
export function markUsage(): () => Usage {
  const before = process.cpuUsage();
  const mainBefore = process.threadCpuUsage();
  const began = performance.now();
  return () => {
    const wall = (performance.now() - began) * 1_000;
    const { user, system } = process.cpuUsage(before);
    const main = process.threadCpuUsage(mainBefore);
    return { cpu: user + system, main: main.user + main.system, wall };
  };
}

/** Heap in use once nothing can be collected any more, bytes; the process needs `--expose-gc`. */
export async function heapAfterCollection(): Promise<number> {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error('start this process with --expose-gc');
  // What one collection finalizes the next one frees, and sockets let go of things a turn later.
  for (let i = 0; i < 5; i += 1) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().heapUsed;
}
