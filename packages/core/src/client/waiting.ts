import { systemError } from '../shared/errors.ts';
import type { ConnectionState } from '../connection/connection-state.ts';

interface Connecting {
  resolve(): void;
  reject(error: Error): void;
}

interface Draining {
  readonly deadline: number;
  resolve(): void;
}

/** The promises of a client that wait for a state: `connect()`, and the drain of `close()` and `disconnect()`. */
export class Waiting {
  readonly #outstanding: () => number;
  #connecting: Connecting[] = [];
  #draining: Draining[] = [];

  /** @param outstanding - what is not acknowledged yet */
  constructor(outstanding: () => number) {
    this.#outstanding = outstanding;
  }

  /** When {@link Waiting.check} must run. */
  get deadline(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { deadline } of this.#draining) earliest = Math.min(earliest, deadline);
    return earliest;
  }

  /** Resolves when connected; rejects when that cannot come by itself any more. */
  connected(): Promise<void> {
    return new Promise((resolve, reject) => this.#connecting.push({ resolve, reject }));
  }

  /** Resolves when nothing is outstanding, at the deadline, or when the client closes. */
  drained(deadline: number): Promise<void> {
    if (this.#outstanding() === 0) return Promise.resolve();
    return new Promise((resolve) => this.#draining.push({ deadline, resolve }));
  }

  check(now: number): void {
    if (this.#draining.length === 0) return;
    const done = this.#outstanding() === 0;
    this.#draining = this.#draining.filter((waiter) => {
      const over = done || now >= waiter.deadline;
      if (over) waiter.resolve();
      return !over;
    });
  }

  /** The state changed. */
  settle(state: ConnectionState): void {
    const { status } = state;
    if (status === 'closed' || status === 'idle') this.check(Number.POSITIVE_INFINITY);
    if (status !== 'connected' && status !== 'closed' && status !== 'suspended' && status !== 'idle') return;
    const waiting = this.#connecting;
    this.#connecting = [];
    for (const waiter of waiting) {
      if (status === 'connected') waiter.resolve();
      else waiter.reject(('error' in state ? state.error : undefined) ?? notConnected(state));
    }
  }
}

function notConnected(state: ConnectionState): Error {
  const why = 'reason' in state ? `${state.status}: ${state.reason}` : 'disconnected';
  return systemError('UNAVAILABLE', `The client did not connect (${why}).`, { retryable: state.status !== 'closed' });
}
