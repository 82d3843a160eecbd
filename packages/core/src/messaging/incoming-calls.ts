import { Fifo } from '../shared/fifo.ts';
import type { RequestFrame } from '../wire/frame.ts';

/** Bounds of what the other side may ask at once. */
export interface IncomingLimits {
  /** Requests without an answer. */
  readonly inflight: number;
  /** Handlers that run; a cancelled one counts until it returns. */
  readonly running: number;
}

/** What becomes of a request: run it now, later, never because there are too many, or it breaks the protocol. */
export type Admission = 'run' | 'wait' | 'refuse' | 'violation';

interface IncomingCall {
  readonly frame: RequestFrame;
  readonly deadline: number;
  phase: 'waiting' | 'running' | 'abandoned';
}

/** The table of requests the other side has made. */
export class IncomingCalls {
  readonly #limits: IncomingLimits;
  readonly #parity: number;
  #calls = new Map<number, IncomingCall>();
  #waiting = new Fifo<IncomingCall>();
  #running = 0;
  #highest = 0;
  #earliest = Number.POSITIVE_INFINITY;

  /** @param parity - 1 when the other side uses odd ids, 0 when even */
  constructor(limits: IncomingLimits, parity: 0 | 1) {
    this.#limits = limits;
    this.#parity = parity;
  }

  get size(): number {
    return this.#calls.size;
  }

  /** No request is overdue before this instant. */
  get deadline(): number {
    return this.#earliest;
  }

  admit(frame: RequestFrame, now: number): Admission {
    const id = frame[1];
    // Ids only grow, so one mark rejects every reuse and replay.
    if (id % 2 !== this.#parity || id <= this.#highest) return 'violation';
    this.#highest = id;
    if (this.#calls.size >= this.#limits.inflight) return 'refuse';
    const remaining = frame[4]?.dl;
    const deadline = remaining === undefined ? Number.POSITIVE_INFINITY : now + remaining;
    if (deadline < this.#earliest) this.#earliest = deadline;
    const call: IncomingCall = { frame, deadline, phase: 'waiting' };
    this.#calls.set(id, call);
    if (this.#running >= this.#limits.running) {
      this.#waiting.push(call);
      return 'wait';
    }
    this.#start(call);
    return 'run';
  }

  /** Whether the other side ever used the id. */
  known(id: number): boolean {
    return id % 2 === this.#parity && id <= this.#highest;
  }

  /** The asker gave up; returns whether a handler runs that should be told. */
  abandon(id: number): boolean {
    const call = this.#calls.get(id);
    if (call === undefined || call.phase === 'abandoned') return false;
    const running = call.phase === 'running';
    call.phase = 'abandoned';
    if (!running) {
      this.#calls.delete(id);
      // Opening and cancelling in a loop must not grow the line behind busy handlers.
      if (this.#waiting.length > this.#limits.inflight) this.#waiting.retain((other) => other.phase === 'waiting');
    }
    return running;
  }

  /** A handler returned; tells whether its answer is still wanted. */
  finish(id: number): boolean {
    const call = this.#calls.get(id);
    if (call === undefined) return false;
    this.#calls.delete(id);
    this.#running -= 1;
    return call.phase === 'running';
  }

  /** The next waiting request that may run now. */
  startNext(): RequestFrame | undefined {
    while (this.#running < this.#limits.running) {
      const call = this.#waiting.shift();
      if (call === undefined) return undefined;
      if (call.phase !== 'waiting') continue;
      this.#start(call);
      return call.frame;
    }
    return undefined;
  }

  /** Abandons the overdue ones; returns the ids whose handlers should be told. */
  expire(now: number): number[] {
    if (now < this.#earliest) return [];
    const told: number[] = [];
    this.#earliest = Number.POSITIVE_INFINITY;
    for (const [id, call] of this.#calls) {
      if (call.phase === 'abandoned') continue;
      if (call.deadline <= now) {
        if (this.abandon(id)) told.push(id);
      } else if (call.deadline < this.#earliest) this.#earliest = call.deadline;
    }
    return told;
  }

  /** The session is over; returns the ids whose handlers should be told. */
  abandonAll(): number[] {
    const told = [...this.#calls.keys()].filter((id) => this.abandon(id));
    this.#waiting.clear();
    this.#earliest = Number.POSITIVE_INFINITY;
    return told;
  }

  #start(call: IncomingCall): void {
    call.phase = 'running';
    this.#running += 1;
  }
}
