import { systemError, type SystemError } from '../shared/errors.ts';
import { IncomingCalls, type IncomingLimits } from '../messaging/incoming-calls.ts';
import { OutgoingCalls, type CallOutcome, type CallSink } from '../messaging/outgoing-calls.ts';
import type { SendBuffer } from '../session/send-buffer.ts';
import type { SendItem } from '../session/send-item.ts';
import { Kind, type ErrorFrame, type FrameMeta, type RequestFrame, type ResultFrame } from '../wire/frame.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Delivery } from './endpoint-io.ts';
import type { SendPath } from './send-path.ts';

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

/** Requests of both directions over one session. */
export class Calls {
  readonly #path: SendPath;
  readonly #buffer: SendBuffer;
  readonly #deliver: (delivery: Delivery) => void;
  readonly #outgoing: OutgoingCalls;
  readonly #incoming: IncomingCalls;
  /** Calls of this end the peer accepts at once. */
  #allowed: number;

  constructor(
    path: SendPath,
    buffer: SendBuffer,
    firstId: number,
    limits: IncomingLimits,
    deliver: (delivery: Delivery) => void,
  ) {
    this.#path = path;
    this.#buffer = buffer;
    this.#deliver = deliver;
    this.#outgoing = new OutgoingCalls(firstId);
    this.#incoming = new IncomingCalls(limits, firstId % 2 === 0 ? 1 : 0);
    this.#allowed = limits.inflight;
  }

  get pending(): number {
    return this.#outgoing.size;
  }

  get nextId(): number {
    return this.#outgoing.nextId;
  }

  get deadline(): number {
    return Math.min(this.#outgoing.deadline, this.#incoming.deadline);
  }

  attach(allowed: number): void {
    this.#allowed = allowed;
  }

  /** @throws HawserError `QUEUE_FULL`, `TOO_LARGE`, `INVALID_INPUT`, `RATE_LIMITED` */
  start(request: CallRequest, now: number): number {
    const { name, params, timeout, key, sink } = request;
    if (this.#outgoing.size >= this.#allowed) {
      throw systemError(
        'RATE_LIMITED',
        `"${name}" was not called: ${this.#allowed} calls wait for an answer already, which is what the other side accepts.`,
      );
    }
    const id = this.#outgoing.takeId();
    const meta = metaOf(timeout, key);
    const frame: RequestFrame =
      meta === undefined ? [Kind.request, id, name, params] : [Kind.request, id, name, params, meta];
    const item = this.#path.queue('request', name, this.#path.codec.encodeFrame(frame));
    this.#outgoing.add({ id, name, sink, item, deadline: now + timeout });
    return id;
  }

  cancel(id: number): void {
    const call = this.#outgoing.take(id);
    if (call !== undefined) this.#recall(id, call.item);
  }

  respond(id: number, value: unknown): void {
    if (this.#incoming.finish(id)) {
      try {
        this.#path.reply([Kind.result, id, value]);
      } catch (error) {
        this.#refuse([Kind.error, id, 'INVALID_OUTPUT', (error as Error).message]);
      }
    }
    this.#runWaiting();
  }

  respondError(frame: ErrorFrame): void {
    if (this.#incoming.finish(frame[1])) this.#refuse(frame);
    this.#runWaiting();
  }

  /** @throws WireError 4400 on a reused id or one of this end's own */
  requested(frame: RequestFrame, now: number): void {
    switch (this.#incoming.admit(frame, now)) {
      case 'run':
        this.#deliver(frame);
        break;
      case 'refuse':
        this.#refuse([Kind.error, frame[1], 'RATE_LIMITED', 'Too many calls in flight; wait for answers.']);
        break;
      case 'violation':
        throw new WireError(4400, 'a request id used twice or of the wrong parity');
      default:
    }
  }

  /** @throws WireError 4400 on an id this end never used */
  answered(frame: ResultFrame | ErrorFrame): void {
    if (!this.#outgoing.issued(frame[1])) throw new WireError(4400, 'an answer to a call never made');
    const call = this.#outgoing.take(frame[1]);
    // An answer to a call that was cancelled or timed out is late, not wrong.
    if (call !== undefined) this.#deliver([0, call.sink, frame]);
  }

  /** @throws WireError 4400 on an id the other side never used */
  cancelled(id: number): void {
    if (!this.#incoming.known(id)) throw new WireError(4400, 'a cancel for a call never made');
    if (this.#incoming.abandon(id)) this.#deliver([-1, id]);
  }

  expire(now: number): void {
    for (const call of this.#outgoing.expire(now)) {
      const executed = call.item.seq === 0 ? 'no' : 'maybe';
      const error = systemError('TIMEOUT', `"${call.name}" was not answered in time.`, { executed });
      this.#deliver([0, call.sink, error]);
      this.#recall(call.id, call.item);
    }
    for (const id of this.#incoming.expire(now)) this.#deliver([-1, id]);
  }

  /** Ends the call whose request was withdrawn; false when the item was no request. */
  failItem(item: SendItem, outcome: CallOutcome): boolean {
    const call = this.#outgoing.takeByItem(item);
    if (call !== undefined) this.#deliver([0, call.sink, outcome]);
    return call !== undefined;
  }

  /** Ends every call of this end. */
  failAll(reason: (name: string, left: boolean) => SystemError): void {
    for (const call of this.#outgoing.takeAll()) this.#deliver([0, call.sink, reason(call.name, call.item.seq !== 0)]);
  }

  /** Tells every running handler to stop. */
  abandonAll(): void {
    for (const id of this.#incoming.abandonAll()) this.#deliver([-1, id]);
  }

  /** Takes over the calls whose requests are among these items. */
  adopt(previous: Calls, items: readonly SendItem[]): void {
    const calls = new Map(previous.#outgoing.takeAll().map((call) => [call.item, call]));
    for (const item of items) {
      const call = calls.get(item);
      if (call === undefined) continue;
      calls.delete(item);
      this.#outgoing.add(call);
    }
    for (const call of calls.values()) previous.#outgoing.add(call);
  }

  #runWaiting(): void {
    for (let next = this.#incoming.startNext(); next !== undefined; next = this.#incoming.startNext()) {
      this.#deliver(next);
    }
  }

  #refuse(frame: ErrorFrame): void {
    try {
      this.#path.reply(frame);
    } catch {
      this.#path.reply([Kind.error, frame[1], 'INTERNAL', 'The error could not be sent.']);
    }
  }

  /** Stops a request: takes it back if it never left, else tells the other side. */
  #recall(id: number, item: SendItem): void {
    if (this.#path.over || this.#buffer.withdraw(item)) return;
    this.#path.reply([Kind.cancel, id]);
  }
}

function metaOf(timeout: number, key: string | undefined): FrameMeta | undefined {
  if (timeout === Number.POSITIVE_INFINITY) return key === undefined ? undefined : { k: key };
  const dl = Math.max(0, Math.round(timeout));
  return key === undefined ? { dl } : { dl, k: key };
}
