import type { PastItem, Sample } from '../contract.ts';
import { Pace } from './pace.ts';

/** Samples kept at most: an hour of two a second. */
const most = 7_200;
/** Milliseconds one sample may take to read, however few there are. */
const slowest = 100;

/** The samples of the last hour, in memory. */
export class Past {
  readonly #most: number;
  #samples: Sample[] = [];

  /** @param interval - milliseconds between samples; quicker than two a second, an hour of them is not kept */
  constructor(interval: number) {
    this.#most = Math.min(most, Math.ceil(3_600_000 / interval));
  }

  /** Samples held. */
  get length(): number {
    return this.#samples.length;
  }

  add(sample: Sample): void {
    this.#samples.push(sample);
    // Not with every sample: taking one from the front moves all the others.
    if (this.#samples.length > this.#most * 1.1) this.#samples = this.#kept();
  }

  /** The newest samples, oldest first. */
  last(count: number): Sample[] {
    return this.#samples.slice(-count);
  }

  /** What there is at this moment, slow enough to watch; what is taken meanwhile does not belong to it. */
  async *read(): AsyncGenerator<PastItem, void> {
    const samples = this.#kept();
    const [first] = samples;
    const newest = samples.at(-1);
    yield { kind: 'span', total: samples.length, from: first?.at ?? 0, to: newest?.at ?? 0 };
    const pace = new Pace(samples.length, slowest);
    for (const sample of samples) {
      await pace.did(1);
      yield { kind: 'sample', sample };
    }
  }

  #kept(): Sample[] {
    return this.#samples.slice(-this.#most);
  }
}
