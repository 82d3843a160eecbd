import type { Metric, Sample } from '../contract.ts';
import { metricNames, metrics } from '../metrics.ts';
import { Ring } from './ring.ts';

/** Seconds the charts show. */
export const shownSeconds = 90;
/** Rows kept: enough for the shown time at the quickest sampling. */
const capacity = 1_024;

/** What a chart can draw, besides the cores. */
export type ColumnName = Metric | 'received' | 'transmitted' | 'loopMean';

const columnNames: readonly ColumnName[] = [...metricNames, 'received', 'transmitted', 'loopMean'];

/** A stretch of time without a link, seconds on the page's clock. */
export interface Outage {
  readonly from: number;
  /** `undefined` while it lasts. */
  readonly to: number | undefined;
}

/** The samples of the last minutes as columns, and the outages between them. */
export class History {
  #ring = new Ring(capacity, 0);
  #skew = Number.POSITIVE_INFINITY;
  #last = 0;
  #outages: Outage[] = [];

  /** Stretches without a link, oldest first. */
  get outages(): readonly Outage[] {
    return this.#outages;
  }

  /** Cores of the machine; 0 before the first sample. */
  get cores(): number {
    return Math.max(0, this.#ring.width - columnNames.length - 1);
  }

  /** Adds a sample; returns when it was taken on the page's clock, epoch milliseconds. */
  add(sample: Sample, now: number): number {
    // The quickest sample so far tells best how far the two clocks are apart.
    this.#skew = Math.min(this.#skew, now - sample.at);
    const at = sample.at + this.#skew;
    if (this.cores !== sample.cores.length) {
      this.#ring = new Ring(capacity, 1 + columnNames.length + sample.cores.length);
    }
    this.#ring.push([at / 1000, ...columnNames.map((name) => columnValue(name, sample)), ...sample.cores]);
    this.#last = at / 1000;
    return at;
  }

  /** When the samples were taken, seconds on the page's clock. */
  times(): Float64Array {
    return this.#ring.view(0);
  }

  /** One figure of the samples. */
  column(name: ColumnName): Float64Array {
    return this.#ring.view(1 + columnNames.indexOf(name));
  }

  /** The load of one core. */
  core(index: number): Float64Array {
    return this.#ring.view(1 + columnNames.length + index);
  }

  /** Samples stopped coming: the outage began with the last one. */
  linkLost(now: number): void {
    if (this.#outages.at(-1)?.to === undefined && this.#outages.length > 0) return;
    this.#outages.push({ from: this.#last || now / 1000, to: undefined });
    this.#outages.splice(0, this.#outages.length - 20);
  }

  /** The link is back. */
  linkBack(now: number): void {
    const last = this.#outages.at(-1);
    if (last && last.to === undefined) this.#outages[this.#outages.length - 1] = { from: last.from, to: now / 1000 };
  }
}

function columnValue(name: ColumnName, sample: Sample): number {
  switch (name) {
    case 'received':
      return (sample.network?.received ?? 0) / 1000;
    case 'transmitted':
      return (sample.network?.sent ?? 0) / 1000;
    case 'loopMean':
      return sample.loop.mean;
    default:
      return metrics[name].read(sample) ?? 0;
  }
}
