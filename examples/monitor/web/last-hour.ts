import type { Observer, Subscription } from '@hawser/core';
import type { PastItem, Sample } from '../contract.ts';
import { metrics } from '../metrics.ts';
import { RunningNumber } from '../running-number.ts';
import type { ChartSource } from './chart-options.ts';

/** How far the reading of the past is. */
export interface LastHourSnapshot {
  readonly status: 'idle' | 'reading' | 'done' | 'cancelled' | 'failed';
  readonly received: number;
  /** 0 until the first item said it. */
  readonly total: number;
  readonly missing: number;
  readonly duplicates: number;
  /** Times the link was lost meanwhile. */
  readonly cuts: number;
  /** Why it failed. */
  readonly problem: string | undefined;
}

/** What can be drawn of it. */
export type PastColumn = 'cpu' | 'memory';

const nothing: LastHourSnapshot = {
  status: 'idle',
  received: 0,
  total: 0,
  missing: 0,
  duplicates: 0,
  cuts: 0,
  problem: undefined,
};
/** Seconds shown while there is nothing to show, and at least. */
const span = { empty: 3_600, least: 20 };

/** Reads the service's last hour and keeps the books of it: the stream of the contract, made to be looked at. */
export class LastHour implements ChartSource {
  readonly outages = [];
  readonly #open: (observer: Observer<PastItem>) => Subscription;
  readonly #changed: () => void;
  #snapshot = nothing;
  #row = new RunningNumber();
  #columns = columns(0);
  #length = 0;
  #shown: readonly [from: number, to: number] | undefined;
  #subscription: Subscription | undefined;

  /**
   * @param open - asks for the stream
   * @param changed - told when there is something new to show
   */
  constructor(open: (observer: Observer<PastItem>) => Subscription, changed: () => void) {
    this.#open = open;
    this.#changed = changed;
  }

  /** Where it stands; the same object until something changes. */
  snapshot(): LastHourSnapshot {
    return this.#snapshot;
  }

  /** Reads it, from the beginning. */
  read(): void {
    this.#subscription?.unsubscribe();
    this.#row = new RunningNumber();
    this.#columns = columns(0);
    this.#length = 0;
    this.#shown = undefined;
    this.#set({ ...nothing, status: 'reading' });
    this.#subscription = this.#open({
      next: (item) => (item.kind === 'span' ? this.#begin(item.total, item.from, item.to) : this.#add(item.sample)),
      error: (error) => this.#set({ status: 'failed', problem: (error as Error).message }),
      complete: () => this.#set({ status: 'done' }),
    });
  }

  /** Stops reading; the service stops sending. What came stays. */
  cancel(): void {
    if (this.#snapshot.status !== 'reading') return;
    this.#subscription?.unsubscribe();
    this.#set({ status: 'cancelled' });
  }

  /** The link is gone. The stream is not: nothing to do but to count it. */
  linkLost(): void {
    if (this.#snapshot.status === 'reading') this.#set({ cuts: this.#snapshot.cuts + 1 });
  }

  shown(now: number): readonly [from: number, to: number] {
    return this.#shown ?? [now / 1000 - span.empty, now / 1000];
  }

  times(): Float64Array {
    return this.#columns.at.subarray(0, this.#length);
  }

  /** One figure of the samples, percent. */
  column(name: PastColumn): Float64Array {
    return this.#columns[name].subarray(0, this.#length);
  }

  #begin(total: number, from: number, to: number): void {
    this.#columns = columns(total);
    this.#shown = [Math.min(from / 1000, to / 1000 - span.least), to / 1000];
    this.#set({ total });
  }

  #add(sample: Sample): void {
    this.#row.accept(sample.n);
    const { received, missing, duplicates } = this.#row.tally();
    const { at, cpu, memory } = this.#columns;
    at[this.#length] = sample.at / 1000;
    cpu[this.#length] = sample.cpu;
    memory[this.#length] = metrics.memory.read(sample) ?? 0;
    this.#length = Math.min(this.#length + 1, at.length);
    this.#set({ received, missing, duplicates });
  }

  #set(change: Partial<LastHourSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    this.#changed();
  }
}

function columns(length: number): Record<'at' | PastColumn, Float64Array> {
  return { at: new Float64Array(length), cpu: new Float64Array(length), memory: new Float64Array(length) };
}
