import type { Metric, Sample } from '../contract.ts';
import { metricNames, metrics } from '../metrics.ts';
import { Ring } from './ring.ts';

/** Seconds the charts show once there is that much to show, and before. */
const shownSeconds = { most: 90, least: 20 };
/** Rows kept: enough for the shown time at the quickest sampling. */
const capacity = 1_024;

/** What a chart can draw, besides the cores. */
export type ColumnName = Metric | 'received' | 'loopMean';

const columnNames: readonly ColumnName[] = [...metricNames, 'received', 'loopMean'];

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
    if (this.#ring.width !== rowWidth(sample)) this.#ring = new Ring(capacity, rowWidth(sample));
    this.#ring.push(toRow(sample, at));
    this.#last = at / 1000;
    return at;
  }

  /**
   * Puts samples from before this page in front of its own.
   *
   * @param samples - oldest first; those this page has seen itself are left out
   */
  prepend(samples: readonly Sample[], now: number): void {
    const newest = samples.at(-1);
    if (!newest) return;
    // Without a sample of its own yet, the newest of these is the best there is to compare the clocks with.
    if (this.#ring.length === 0) this.#skew = Math.min(this.#skew, now - newest.at);
    const seen = this.#ring;
    const [oldest = Number.POSITIVE_INFINITY] = seen.view(0);
    const ring = new Ring(capacity, rowWidth(newest));
    for (const sample of samples) {
      const row = toRow(sample, sample.at + this.#skew);
      if ((row[0] ?? 0) < oldest && row.length === ring.width) ring.push(row);
    }
    if (seen.length > 0 && seen.width !== ring.width) return;
    const columns = Array.from({ length: seen.width }, (_, column) => seen.view(column));
    for (let row = 0; row < seen.length; row++) ring.push(columns.map((values) => values[row] ?? 0));
    this.#ring = ring;
  }

  /** What the charts show: from and to, seconds on the page's clock. */
  shown(now: number): [from: number, to: number] {
    const to = now / 1000;
    const [first = to] = this.times();
    return [to - Math.min(shownSeconds.most, Math.max(shownSeconds.least, to - first)), to];
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

function rowWidth(sample: Sample): number {
  return 1 + columnNames.length + sample.cores.length;
}

function toRow(sample: Sample, at: number): number[] {
  return [at / 1000, ...columnNames.map((name) => columnValue(name, sample)), ...sample.cores];
}

function columnValue(name: ColumnName, sample: Sample): number {
  switch (name) {
    case 'received':
      return (sample.network?.received ?? 0) / 1000;
    case 'loopMean':
      return sample.loop.mean;
    default:
      return metrics[name].read(sample) ?? 0;
  }
}
