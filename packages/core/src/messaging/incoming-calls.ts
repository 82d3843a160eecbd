import type { RequestFrame } from '../wire/frame.ts';
import { WireError } from '../wire/wire-error.ts';

/** Bounds of what the other side may ask at once. */
export interface IncomingLimits {
  /** Requests without an answer. */
  readonly inflight: number;
  /** Handlers that run; a cancelled one counts until it returns. */
  readonly running: number;
}

interface IncomingCall {
  readonly frame: RequestFrame;
  readonly deadline: number;
  /** A waiting call that is abandoned leaves the table at once, a running one when its handler returns. */
  phase: 'waiting' | 'running' | 'abandoned';
}

/** The table of requests the other side has made, in order of arrival. */
export class IncomingCalls {
  /** No request is overdue before this instant; for reading. */
  deadline: number = Infinity;
  readonly #limits: IncomingLimits;
  readonly #parity: number;
  readonly #calls = new Map<number, IncomingCall>();
  #running = 0;
  #highest = 0;

  /** @param parity - 1 when the other side uses odd ids, 0 when even */
  constructor(limits: IncomingLimits, parity: number) {
    this.#limits = limits;
    this.#parity = parity;
  }

  get size(): number {
    return this.#calls.size;
  }

  /**
   * Enters a request; false when there are too many.
   *
   * @throws WireError 4400 on an id of the wrong parity or one used before: ids only grow, so one mark rejects every
   * reuse and replay
   */
  admit(frame: RequestFrame, now: number): boolean {
    const [, id, , , meta] = frame;
    if (this.known(id) || id % 2 !== this.#parity) throw new WireError(4400, 'request id reused');
    this.#highest = id;
    if (this.size >= this.#limits.inflight) return false;
    const deadline = now + (meta?.dl ?? Infinity);
    this.deadline = Math.min(this.deadline, deadline);
    this.#calls.set(id, { frame, deadline, phase: 'waiting' });
    return true;
  }

  /** Whether the other side used the id, or one after it. */
  known(id: number): boolean {
    return id <= this.#highest;
  }

  /** The asker gave up; returns whether a handler runs that should be told. */
  abandon(id: number): boolean {
    const call = this.#calls.get(id);
    if (call?.phase === 'waiting') this.#calls.delete(id);
    if (call?.phase !== 'running') return false;
    call.phase = 'abandoned';
    return true;
  }

  /** A handler returned; tells whether its answer is still wanted. */
  finish(id: number): boolean {
    const call = this.#calls.get(id);
    if (call === undefined) return false;
    this.#calls.delete(id);
    this.#running -= 1;
    return call.phase === 'running';
  }

  /** The next waiting request, if one more handler may run. */
  startNext(): RequestFrame | undefined {
    if (this.#running >= this.#limits.running) return undefined;
    for (const call of this.#calls.values()) {
      if (call.phase !== 'waiting') continue;
      call.phase = 'running';
      this.#running += 1;
      return call.frame;
    }
    return undefined;
  }

  /** Abandons the overdue ones, all with `Infinity`; returns the ids whose handlers should be told. */
  expire(now: number): number[] {
    if (now < this.deadline) return [];
    const told: number[] = [];
    this.deadline = Infinity;
    for (const [id, { deadline, phase }] of this.#calls) {
      if (deadline > now && phase !== 'abandoned') this.deadline = Math.min(this.deadline, deadline);
      else if (this.abandon(id)) told.push(id);
    }
    return told;
  }
}
