import type { Alarm, Metric, Sample, Thresholds } from '../contract.ts';
import { metricNames, metrics } from '../metrics.ts';

/** Samples in a row over the limit before an alarm is raised: one peak is not news. */
const raiseAfter = 2;
/** Samples in a row well under the limit before it is cleared. */
const clearAfter = 4;
/** What counts as well under, as a share of the limit: a value that dances on the limit raises one alarm, not many. */
const clearBelow = 0.9;
/** Alarms remembered for pages that come later. */
const remembered = 50;

/** Why a limit was not taken. */
export type ThresholdRefusal =
  | { readonly code: 'OUT_OF_RANGE'; readonly min: number; readonly max: number; readonly unit: string }
  | { readonly code: 'NOT_METERED' };

interface Watch {
  limit: number | null;
  /** The limit whose alarm stands; `null` when none does. */
  raised: number | null;
  /** Samples in a row that speak for the other phase. */
  streak: number;
  metered: boolean;
}

/** The limits, and which of them are passed. */
export class Alarms {
  readonly #watches: Record<Metric, Watch>;
  readonly #recent: Alarm[] = [];
  #id = 0;

  constructor(thresholds: Thresholds) {
    const watch = (metric: Metric): Watch => ({ limit: thresholds[metric], raised: null, streak: 0, metered: true });
    this.#watches = { cpu: watch('cpu'), memory: watch('memory'), loop: watch('loop'), network: watch('network') };
  }

  /** The limits in force. */
  get thresholds(): Thresholds {
    const { cpu, memory, loop, network } = this.#watches;
    return { cpu: cpu.limit, memory: memory.limit, loop: loop.limit, network: network.limit };
  }

  /** The last alarms, oldest first. */
  get recent(): readonly Alarm[] {
    return this.#recent;
  }

  /** Sets a limit, or with `null` stops watching; tells why not when it is refused. */
  setThreshold(metric: Metric, limit: number | null): ThresholdRefusal | undefined {
    const { min, max, unit } = metrics[metric];
    const watch = this.#watches[metric];
    if (!watch.metered) return { code: 'NOT_METERED' };
    if (limit !== null && !(limit >= min && limit <= max)) return { code: 'OUT_OF_RANGE', min, max, unit };
    watch.limit = limit;
    watch.streak = 0;
    return undefined;
  }

  /** Compares a sample with the limits and returns what changed. */
  evaluate(sample: Sample): readonly Alarm[] {
    const changed: Alarm[] = [];
    for (const metric of metricNames) {
      const watch = this.#watches[metric];
      const value = metrics[metric].read(sample);
      watch.metered = value !== undefined;
      if (value === undefined) continue;
      const alarm = this.#step(watch, metric, value, sample.at);
      if (alarm) changed.push(alarm);
    }
    this.#recent.push(...changed);
    this.#recent.splice(0, this.#recent.length - remembered);
    return changed;
  }

  #step(watch: Watch, metric: Metric, value: number, at: number): Alarm | undefined {
    const phase = watch.raised === null ? 'raised' : 'cleared';
    const speaks =
      phase === 'raised'
        ? watch.limit !== null && value >= watch.limit
        : watch.limit === null || value < watch.limit * clearBelow;
    watch.streak = speaks ? watch.streak + 1 : 0;
    if (watch.streak < (phase === 'raised' ? raiseAfter : clearAfter)) return undefined;
    const limit = watch.limit ?? watch.raised ?? 0;
    watch.streak = 0;
    watch.raised = phase === 'raised' ? limit : null;
    return { id: ++this.#id, metric, phase, value: Math.round(value * 10) / 10, limit, at };
  }
}
