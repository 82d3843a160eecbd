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
  #calls = new Map<number, OutgoingCall>();
  #nextId: number;
  #earliest = Number.POSITIVE_INFINITY;

  /** @param nextId - odd for the dialling end, even for the accepting one */
  constructor(nextId: number) {
    this.#nextId = nextId;
  }

  get size(): number {
    return this.#calls.size;
  }

  get nextId(): number {
    return this.#nextId;
  }

  /** No call is overdue before this instant. */
  get deadline(): number {
    return this.#earliest;
  }

  takeId(): number {
    const id = this.#nextId;
    this.#nextId += 2;
    return id;
  }

  add(call: OutgoingCall): void {
    this.#calls.set(call.id, call);
    if (call.deadline < this.#earliest) this.#earliest = call.deadline;
  }

  /** Whether this end ever used the id. */
  issued(id: number): boolean {
    return id < this.#nextId && (id - this.#nextId) % 2 === 0;
  }

  /** Removes and returns a call; `undefined` when it is over already. */
  take(id: number): OutgoingCall | undefined {
    const call = this.#calls.get(id);
    if (call !== undefined) this.#calls.delete(id);
    return call;
  }

  /** Removes and returns the call that travels in this item. */
  takeByItem(item: SendItem): OutgoingCall | undefined {
    for (const call of this.#calls.values()) if (call.item === item) return this.take(call.id);
    return undefined;
  }

  /** Removes and returns the overdue ones. */
  expire(now: number): OutgoingCall[] {
    if (now < this.#earliest) return [];
    const overdue: OutgoingCall[] = [];
    this.#earliest = Number.POSITIVE_INFINITY;
    for (const call of this.#calls.values()) {
      if (call.deadline <= now) overdue.push(call);
      else if (call.deadline < this.#earliest) this.#earliest = call.deadline;
    }
    for (const call of overdue) this.#calls.delete(call.id);
    return overdue;
  }

  /** Removes and returns all. */
  takeAll(): OutgoingCall[] {
    const all = [...this.#calls.values()];
    this.#calls.clear();
    this.#earliest = Number.POSITIVE_INFINITY;
    return all;
  }
}
