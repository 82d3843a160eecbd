import type { Sample } from '../contract.ts';

/** Time a core spent working and in all, in any unit, since the machine started. */
export interface CoreTimes {
  readonly busy: number;
  readonly total: number;
}

/** Bytes counted since the machine started, and when they were read, epoch milliseconds. */
export interface NetworkCounters {
  readonly at: number;
  readonly received: number;
  readonly sent: number;
}

/** What the machine tells at one moment: mostly counters, which mean something only as differences. */
export interface Reading {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly cores: readonly CoreTimes[];
  readonly load: number;
  readonly memory: Sample['memory'];
  readonly network: NetworkCounters | null;
  readonly loop: Sample['loop'];
}

/** Turns readings into numbered samples. */
export class Sampler {
  #n = 0;
  #before: Reading;
  #rate: Sample['network'] = null;

  /** @param first - what later readings are compared with */
  constructor(first: Reading) {
    this.#before = first;
  }

  /** Number of the last sample; 0 before the first. */
  get count(): number {
    return this.#n;
  }

  /** What happened since the reading before. */
  next(reading: Reading): Sample {
    const before = this.#before;
    this.#before = reading;
    this.#rate = networkRate(before.network, reading.network, this.#rate);
    const cores = reading.cores.map((core, index) => busyShare(before.cores[index], core));
    return {
      n: ++this.#n,
      at: reading.at,
      cores,
      cpu: round(cores.reduce((sum, share) => sum + share, 0) / Math.max(1, cores.length)),
      load: round(reading.load, 100),
      memory: reading.memory,
      network: this.#rate,
      loop: { mean: round(reading.loop.mean, 100), max: round(reading.loop.max, 100) },
    };
  }
}

function busyShare(before: CoreTimes | undefined, now: CoreTimes): number {
  const total = before ? now.total - before.total : 0;
  // A core that was just plugged in, or whose counters started over, has no past to compare with.
  if (!before || total <= 0) return 0;
  return round(Math.min(100, Math.max(0, ((now.busy - before.busy) / total) * 100)));
}

function networkRate(
  before: NetworkCounters | null,
  now: NetworkCounters | null,
  last: Sample['network'],
): Sample['network'] {
  if (!before || !now) return null;
  // Some platforms are read less often than samples are taken: then the last rate still stands.
  if (now.at <= before.at) return last;
  const perSecond = (from: number, to: number): number =>
    Math.round((Math.max(0, to - from) / (now.at - before.at)) * 1000);
  return { received: perSecond(before.received, now.received), sent: perSecond(before.sent, now.sent) };
}

function round(value: number, steps = 10): number {
  return Math.round(value * steps) / steps;
}
