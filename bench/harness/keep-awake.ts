import { spawn } from 'node:child_process';
import { availableParallelism, constants, setPriority } from 'node:os';

const spinning = 'for (;;) {}';

/**
 * Keeps the processor's cores from sleeping, with one process of the lowest priority on each; returns what ends them.
 *
 * Between two calls that wait for each other a core has nothing to do. On a virtual machine it is then given away, and
 * getting it back takes longer than the call: without this the figure tells how the machine sleeps.
 */
export function keepAwake(): () => void {
  const children = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', spinning], { stdio: 'ignore' }),
  );
  for (const { pid } of children) if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW);
  const stop = (): void => children.forEach((child) => child.kill('SIGKILL'));
  process.once('exit', stop);
  return () => {
    process.off('exit', stop);
    stop();
  };
}
