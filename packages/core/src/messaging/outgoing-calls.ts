import type { SystemError } from '../shared/errors.ts';
import type { SendItem } from '../session/send-item.ts';
import type { ErrorFrame, ResultFrame } from '../wire/frame.ts';

/** How a call ended: the other side's answer or refusal, both unchecked, or a failure found at this end. */
export type CallOutcome = ResultFrame | ErrorFrame | SystemError;

/** Receives the one outcome of a call. */
export interface CallSink {
  settle(outcome: CallOutcome): void;
}

/** A request without an answer yet. */
export interface OutgoingCall {
  readonly id: number;
  readonly name: string;
  readonly sink: CallSink;
  /** Epoch milliseconds, `Infinity` for none. */
  readonly deadline: number;
  /** The request on its way; `seq` 0 means it never left. */
  readonly item: SendItem;
}

/** The table of requests this end has made. */
export class OutgoingCalls {
  /** Odd for the dialling end, even for the accepting one; for reading. */
  nextId: number;
  /** No call is overdue before this instant; for reading. */
  deadline: number = Infinity;
  readonly #calls = new Map<number, OutgoingCall>();

  constructor(firstId: number) {
    this.nextId = firstId;
  }

  get size(): number {
    return this.#calls.size;
  }

  takeId(): number {
    this.nextId += 2;
    return this.nextId - 2;
  }

  add(call: OutgoingCall): void {
    this.#calls.set(call.id, call);
    this.deadline = Math.min(this.deadline, call.deadline);
  }

  /** Whether this end ever used the id. */
  issued(id: number): boolean {
    return id < this.nextId && (id - this.nextId) % 2 === 0;
  }

  /** Removes and returns a call; `undefined` when it is over already. */
  take(id: number): OutgoingCall | undefined {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    return call;
  }

  /** Removes and returns the calls that pass. */
  takeWhere(pick: (call: OutgoingCall) => boolean): OutgoingCall[] {
    const taken = [...this.#calls.values()].filter(pick);
    for (const { id } of taken) this.#calls.delete(id);
    return taken;
  }

  /** Removes and returns the overdue ones. */
  expire(now: number): OutgoingCall[] {
    if (now < this.deadline) return [];
    const overdue = this.takeWhere((call) => call.deadline <= now);
    this.deadline = Infinity;
    for (const call of this.#calls.values()) this.deadline = Math.min(this.deadline, call.deadline);
    return overdue;
  }
}
