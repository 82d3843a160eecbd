import type { Application, Connection, Serving } from '../compare/adapter.ts';
import type { Reading } from '../compare/reading.ts';

/** What a workload's client half works with. */
export interface ClientHalf {
  /** All connections of this process; most workloads have one. */
  readonly connections: readonly Connection[];
  /** Called for everything the server pushes, with the place of the connection it came to. */
  onPush(listener: (reading: Reading, connection: number) => void): void;
}

/** What one round of a client found out besides the time it took. */
export interface RoundNotes {
  /** Latencies of single operations, microseconds. */
  readonly latencies?: readonly number[];
  /** Payloads that came in other ways than pushed: answers and items. */
  readonly arrived?: number;
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
  /** Subscribed to by every connection before anything is measured. */
  readonly topic?: string;
  /** The server's half, made anew for every round; what it does not have may not be asked of it. */
  readonly serve: (serving: () => Serving) => Partial<Application>;
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

/** Checks that numbers come once and in order to every one of some recipients. */
export class Fanned {
  /** Of all recipients together. */
  arrived = 0;
  readonly #next: Uint32Array;

  constructor(recipients: number) {
    this.#next = new Uint32Array(recipients);
  }

  /** @throws Error when `n` is not the number that recipient expected */
  take(n: number, recipient: number): void {
    const expected = this.#next[recipient];
    if (n !== expected) throw new Error(`number ${n} came to ${recipient}, where ${expected} was expected`);
    this.#next[recipient] = n + 1;
    this.arrived += 1;
  }
}

/** For halves in which nothing of a kind may arrive. */
export function unexpected(): never {
  throw new Error('this workload sends nothing of this kind');
}
