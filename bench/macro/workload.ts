import type { Application, Connection, Serving } from '../compare/adapter.ts';
import type { Reading } from '../compare/reading.ts';

/** What a workload's client half works with. */
export interface ClientHalf {
  /** All connections of this process; most workloads have one. */
  readonly connections: readonly Connection[];
  /** Called for everything the server pushes to any of them. */
  onPush(listener: (reading: Reading) => void): void;
}

/** What one round of a client found out besides the time it took. */
export interface RoundNotes {
  /** Latencies of single operations, microseconds. */
  readonly latencies?: readonly number[];
}

/** One kind of work, both halves; the same for every library. */
export interface Workload {
  /** Operations a round starts with; grows until a round is long enough to measure. */
  readonly start: number;
  /** Rounds use multiples of this. */
  readonly step: number;
  readonly connections: number;
  /** Operations per unit of `count`, when a round's unit is larger than what is measured. */
  readonly perUnit?: number;
  /** Whether one library can take part. */
  readonly needs?: 'call' | 'broadcast';
  /** The server's half; made anew for every round. */
  readonly serve: (serving: () => Serving) => Application;
  /** One round of `count` units. Throws when anything is missing, doubled or out of order. */
  readonly run: (client: ClientHalf, count: number) => Promise<RoundNotes | void>;
}

/** Checks that numbers come once and in order. */
export class Sequence {
  #next = 0;

  get next(): number {
    return this.#next;
  }

  /** @throws Error when `n` is not the number expected */
  take(n: number): void {
    if (n !== this.#next) throw new Error(`number ${n} arrived where ${this.#next} was expected`);
    this.#next += 1;
  }
}

/** For halves in which nothing of a kind may arrive. */
export function unexpected(): never {
  throw new Error('this workload sends nothing of this kind');
}
