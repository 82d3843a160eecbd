import { type OperatorFunction, filter, map, scan } from 'rxjs';
import type { Sample } from '../contract.ts';

/** CPU over a stretch of time. */
export interface CpuWindow {
  /** When the stretch began, epoch milliseconds on the service's clock. */
  readonly from: number;
  readonly samples: number;
  /** Percent. */
  readonly average: number;
  /** Percent. */
  readonly highest: number;
}

interface Step {
  readonly open: { readonly from: number; readonly samples: number; readonly sum: number; readonly highest: number };
  readonly closed: CpuWindow | undefined;
}

/**
 * Sums samples up in windows of `length` milliseconds, and emits each when the next one begins.
 *
 * Windows follow the time the samples were taken, not the time they arrived: after an outage the replayed samples
 * fall into the windows they belong to.
 */
export function cpuWindows(length: number): OperatorFunction<Sample, CpuWindow> {
  return (samples) =>
    samples.pipe(
      scan((step: Step, { at, cpu }: Sample): Step => {
        const from = Math.floor(at / length) * length;
        const { open } = step;
        if (open.samples > 0 && open.from === from) {
          const highest = Math.max(open.highest, cpu);
          return { open: { from, samples: open.samples + 1, sum: open.sum + cpu, highest }, closed: undefined };
        }
        return {
          open: { from, samples: 1, sum: cpu, highest: cpu },
          closed:
            open.samples > 0
              ? { from: open.from, samples: open.samples, average: open.sum / open.samples, highest: open.highest }
              : undefined,
        };
      }, nothingYet),
      map(({ closed }) => closed),
      filter((window) => window !== undefined),
    );
}

const nothingYet: Step = { open: { from: 0, samples: 0, sum: 0, highest: 0 }, closed: undefined };
