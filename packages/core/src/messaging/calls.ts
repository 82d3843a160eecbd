import { explain } from '../shared/explain.ts';
import { systemError, type SystemError } from '../shared/errors.ts';
import type { SendItem, SendItemKind } from '../session/send-item.ts';
import { malformed } from '../wire/field.ts';
import {
  Kind,
  type ErrorFrame,
  type Frame,
  type FrameMeta,
  type RequestFrame,
  type ResultFrame,
} from '../wire/frame.ts';
import { maxDuration } from '../wire/limits.ts';
import { isName } from '../wire/name.ts';

/** How a call ended: the other side's answer or refusal, both unchecked, or a failure found at this end. */
export type CallOutcome = ResultFrame | ErrorFrame | SystemError;

/** Receives the one outcome of a call. */
export type CallSink = (outcome: CallOutcome) => void;

/** Outcome of an outgoing call, found on the wire or here. */
export type SettlementDelivery = readonly [kind: 0, sink: CallSink, outcome: CallOutcome];
/** The handler of this request should stop, if it runs. */
export type AbandonDelivery = readonly [kind: -1, request: RequestFrame];

/** A question to the other side. */
export interface CallRequest {
  readonly name: string;
  readonly params: unknown;
  /** Milliseconds, `Infinity` for none. */
  readonly timeout: number;
  /** Idempotency key. */
  readonly key: string | undefined;
  readonly sink: CallSink;
}

/** What calls need from their end of the session. */
export interface CallRoute {
  /** Encodes and queues. @throws HawserError `QUEUE_FULL`, `TOO_LARGE`, `INVALID_INPUT` */
  post(kind: SendItemKind, name: string, frame: Frame): SendItem;
  /** Where an item that never left can be taken back. */
  readonly session: { withdraw(item: SendItem): boolean };
  /** Told in order. */
  readonly outputs: { push(delivery: RequestFrame | SettlementDelivery | AbandonDelivery): unknown };
}

/** How many calls there may be, and which ids are this end's. */
export interface CallOptions {
  readonly firstId: number;
  /** Requests of the other side without an answer. */
  readonly accepts: { readonly inflight: number };
  /** Handlers that run at once; a cancelled one counts until it returns. */
  readonly runningHandlers: number;
}

interface OutgoingCall extends CallRequest {
  /** Epoch milliseconds, `Infinity` for none. */
  readonly deadline: number;
  /** The request on its way; `seq` 0 means it never left. */
  readonly item: SendItem;
}

interface IncomingCall {
  readonly request: RequestFrame;
  readonly deadline: number;
  running: boolean;
}

/** Requests of both directions over one session; `protocol/README.md` section 4. */
export class Calls {
  /** Calls of this end the peer accepts at once. */
  allowed: number;
  /** No call of either direction is overdue before this instant; for reading. */
  deadline: number = Infinity;
  readonly #route: CallRoute;
  readonly #options: CallOptions;
  readonly #outgoing = new Map<number, OutgoingCall>();
  /** Requests that want an answer, in order of arrival. */
  readonly #incoming = new Map<number, IncomingCall>();
  /** Odd for the dialling end, even for the accepting one. */
  #nextId: number;
  /** Largest id the other side used in this session. */
  #highest = 0;
  /** Handlers that have not answered; a cancelled one counts until it returns. */
  #running = 0;

  constructor(route: CallRoute, options: CallOptions) {
    this.#route = route;
    this.#options = options;
    this.#nextId = options.firstId;
    this.allowed = options.accepts.inflight;
  }

  /** Calls of this end without an outcome. */
  get size(): number {
    return this.#outgoing.size;
  }

  /** @throws HawserError `QUEUE_FULL`, `TOO_LARGE`, `INVALID_INPUT`, `RATE_LIMITED` */
  start(request: CallRequest, now: number): number {
    const { name, params, timeout, key } = request;
    if (this.size >= this.allowed) {
      const text =
        explain &&
        `"${name}" was not called: ${this.allowed} calls wait already, which is what the other side accepts.`;
      throw systemError('RATE_LIMITED', text);
    }
    if (key !== undefined && !isName(key)) {
      const text = explain && 'The idempotency key must be 1 to 128 bytes of text without control characters.';
      throw systemError('INVALID_INPUT', text);
    }
    const id = this.#nextId;
    this.#nextId += 2;
    // A longer time than the wire can say is as good as none. Codecs leave undefined members out.
    const dl = timeout > maxDuration ? undefined : Math.max(0, Math.round(timeout));
    const item = this.#route.post('call', name, [Kind.request, id, name, params, { dl, k: key } as FrameMeta]);
    this.#outgoing.set(id, { ...request, item, deadline: this.#due(now + timeout) });
    return id;
  }

  /** Gives a call up: withdraws it, or asks the other side to stop. Its sink hears nothing more. */
  cancel(id: number): void {
    const call = this.#outgoing.get(id);
    if (call === undefined) return;
    this.#outgoing.delete(id);
    if (!this.#route.session.withdraw(call.item)) this.#route.post('reply', '', [Kind.cancel, id]);
  }

  /** @throws WireError 4400 on an id this end never used */
  answered(frame: ResultFrame | ErrorFrame): void {
    const [, id] = frame;
    if (id >= this.#nextId || (id - this.#nextId) % 2 !== 0)
      throw malformed(explain && 'an answer to a call never made');
    const call = this.#outgoing.get(id);
    this.#outgoing.delete(id);
    // An answer to a call that was cancelled or timed out is late, not wrong.
    if (call !== undefined) this.#route.outputs.push([0, call.sink, frame]);
  }

  /** Ends the calls of this end that pass; tells how many. `error` knows whether the request had left. */
  fail(pick: (item: SendItem) => boolean, error: (name: string, left: boolean) => SystemError): number {
    const before = this.size;
    for (const [id, { name, sink, item }] of this.#outgoing) {
      if (!pick(item)) continue;
      this.#outgoing.delete(id);
      this.#route.outputs.push([0, sink, error(name, item.seq !== 0)]);
    }
    return before - this.size;
  }

  /**
   * Takes a request of the other side. Ids only grow, so one mark rejects every reuse and replay.
   *
   * @throws WireError 4400 on a reused id or one of this end's own
   */
  requested(request: RequestFrame, now: number): void {
    const [, id, , , meta] = request;
    if (id <= this.#highest || (id - this.#nextId) % 2 === 0) throw malformed(explain && 'request id reused');
    this.#highest = id;
    if (this.#incoming.size < this.#options.accepts.inflight) {
      this.#incoming.set(id, { request, deadline: this.#due(now + (meta?.dl ?? Infinity)), running: false });
      this.#run();
    } else this.#reply([Kind.error, id, 'RATE_LIMITED', explain ? 'Too many calls in flight; wait for answers.' : '']);
  }

  /** Answers a request of the other side, if it still wants an answer. Once for every request handed out. */
  respond(request: RequestFrame, answer: ResultFrame | ErrorFrame): void {
    const [, id] = request;
    this.#running -= 1;
    // After a lost session the id may belong to a newer request.
    if (this.#incoming.get(id)?.request === request) {
      this.#incoming.delete(id);
      this.#reply(answer);
    }
    this.#run();
  }

  /** @throws WireError 4400 on an id the other side never used */
  cancelled(id: number): void {
    if (id > this.#highest) throw malformed(explain && 'a cancel for a call never made');
    this.#abandon(id);
  }

  /** Ends what is overdue in both directions. */
  expire(now: number): void {
    if (now < this.deadline) return;
    this.deadline = Infinity;
    for (const [id, { deadline, name, sink, item }] of this.#outgoing) {
      if (now < this.#due(deadline, now)) continue;
      const text = explain && `"${name}" was not answered in time.`;
      this.#route.outputs.push([0, sink, systemError('TIMEOUT', text, { executed: item.seq === 0 ? 'no' : 'maybe' })]);
      this.cancel(id);
    }
    for (const [id, { deadline }] of this.#incoming) if (now >= this.#due(deadline, now)) this.#abandon(id);
  }

  /** The session is over: tells every running handler to stop, and fails the calls whose request is not among `kept`. */
  restart(kept: readonly SendItem[], error: (name: string, left: boolean) => SystemError): void {
    const left = new Set(kept);
    this.fail((item) => !left.has(item), error);
    for (const id of this.#incoming.keys()) this.#abandon(id);
    this.#highest = 0;
  }

  /** Nobody waits for the answer any more. */
  #abandon(id: number): void {
    const call = this.#incoming.get(id);
    this.#incoming.delete(id);
    if (call?.running) this.#route.outputs.push([-1, call.request]);
  }

  /** Notes a deadline that is still to come, and returns it. */
  #due(deadline: number, now = -Infinity): number {
    if (deadline > now) this.deadline = Math.min(this.deadline, deadline);
    return deadline;
  }

  /** Hands out as many waiting requests as may run. */
  #run(): void {
    for (const call of this.#incoming.values()) {
      if (call.running) continue;
      if (this.#running >= this.#options.runningHandlers) return;
      call.running = true;
      this.#running += 1;
      this.#route.outputs.push(call.request);
    }
  }

  /** What cannot be sent as an answer is told as a fault, so that the asker does not wait. */
  #reply(answer: ResultFrame | ErrorFrame): void {
    try {
      this.#route.post('reply', 'The answer', answer);
    } catch {
      const text = explain ? 'The answer cannot be sent: see the limits.' : '';
      this.#route.post('reply', '', [Kind.error, answer[1], 'INVALID_OUTPUT', text]);
    }
  }
}
