import { explain } from '../shared/explain.ts';
import { systemError, type SystemError } from '../shared/errors.ts';
import { IncomingCalls, type IncomingLimits } from '../messaging/incoming-calls.ts';
import { OutgoingCalls, type CallSink } from '../messaging/outgoing-calls.ts';
import type { SendBuffer } from '../session/send-buffer.ts';
import type { SendItem } from '../session/send-item.ts';
import { Kind, type ErrorFrame, type FrameMeta, type RequestFrame, type ResultFrame } from '../wire/frame.ts';
import { maxDuration } from '../wire/limits.ts';
import { isName } from '../wire/name.ts';
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
  readonly outgoing: OutgoingCalls;
  readonly #incoming: IncomingCalls;
  readonly #path: SendPath;
  readonly #buffer: SendBuffer;
  readonly #deliver: (delivery: Delivery) => void;
  /** Calls of this end the peer accepts at once. */
  allowed: number;

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
    this.outgoing = new OutgoingCalls(firstId);
    this.#incoming = new IncomingCalls(limits, (firstId + 1) % 2);
    this.allowed = limits.inflight;
  }

  get deadline(): number {
    return Math.min(this.outgoing.deadline, this.#incoming.deadline);
  }

  /** @throws HawserError `QUEUE_FULL`, `TOO_LARGE`, `INVALID_INPUT`, `RATE_LIMITED` */
  start({ name, params, timeout, key, sink }: CallRequest, now: number): number {
    if (this.outgoing.size >= this.allowed) {
      const text =
        explain &&
        `"${name}" was not called: ${this.allowed} calls wait already, which is what the other side accepts.`;
      throw systemError('RATE_LIMITED', text);
    }
    if (key !== undefined && !isName(key)) {
      const text = explain && 'The idempotency key must be 1 to 128 bytes of text without control characters.';
      throw systemError('INVALID_INPUT', text);
    }
    const id = this.outgoing.takeId();
    const meta: FrameMeta = {
      // A longer time than the wire can say is as good as none.
      ...(timeout <= maxDuration && { dl: Math.max(0, Math.round(timeout)) }),
      ...(key !== undefined && { k: key }),
    };
    const item = this.#path.queue('request', name, this.#path.encode(name, [Kind.request, id, name, params, meta]));
    this.outgoing.add({ id, name, sink, item, deadline: now + timeout });
    return id;
  }

  cancel(id: number): void {
    const call = this.outgoing.take(id);
    if (call !== undefined) this.#recall(call.id, call.item);
  }

  /** Answers a request of the other side, if it still wants an answer. */
  respond(frame: ResultFrame | ErrorFrame): void {
    if (this.#incoming.finish(frame[1])) this.#reply(frame);
    this.#run();
  }

  /** @throws WireError 4400 on a reused id or one of this end's own */
  requested(frame: RequestFrame, now: number): void {
    if (this.#incoming.admit(frame, now)) this.#run();
    else this.#reply([Kind.error, frame[1], 'RATE_LIMITED', 'Too many calls in flight; wait for answers.']);
  }

  /** @throws WireError 4400 on an id this end never used */
  answered(frame: ResultFrame | ErrorFrame): void {
    if (!this.outgoing.issued(frame[1])) throw new WireError(4400, 'an answer to a call never made');
    const call = this.outgoing.take(frame[1]);
    // An answer to a call that was cancelled or timed out is late, not wrong.
    if (call !== undefined) this.#deliver([0, call.sink, frame]);
  }

  /** @throws WireError 4400 on an id the other side never used */
  cancelled(id: number): void {
    if (!this.#incoming.known(id)) throw new WireError(4400, 'a cancel for a call never made');
    if (this.#incoming.abandon(id)) this.#deliver([-1, id]);
  }

  expire(now: number): void {
    for (const { id, name, sink, item } of this.outgoing.expire(now)) {
      const text = explain && `"${name}" was not answered in time.`;
      this.#deliver([0, sink, systemError('TIMEOUT', text, { executed: item.seq === 0 ? 'no' : 'maybe' })]);
      this.#recall(id, item);
    }
    this.#expireIncoming(now);
  }

  /** Ends the calls of this end that pass; tells how many. `error` knows whether the request had left. */
  fail(pick: (item: SendItem) => boolean, error: (name: string, left: boolean) => SystemError): number {
    const failed = this.outgoing.takeWhere(({ item }) => pick(item));
    for (const { name, sink, item } of failed) this.#deliver([0, sink, error(name, item.seq !== 0)]);
    return failed.length;
  }

  /** Tells every running handler to stop. */
  abandonAll(): void {
    this.#expireIncoming(Infinity);
  }

  /** Takes over the calls whose requests are among these items. */
  adopt(previous: Calls, items: readonly SendItem[]): void {
    const adopted = new Set(items);
    for (const call of previous.outgoing.takeWhere(({ item }) => adopted.has(item))) this.outgoing.add(call);
  }

  #expireIncoming(now: number): void {
    for (const id of this.#incoming.expire(now)) this.#deliver([-1, id]);
  }

  /** Starts as many waiting requests as may run. */
  #run(): void {
    for (let frame = this.#incoming.startNext(); frame !== undefined; frame = this.#incoming.startNext()) {
      this.#deliver(frame);
    }
  }

  /** What cannot be sent as an answer is told as a fault, so that the asker does not wait. */
  #reply(frame: ResultFrame | ErrorFrame): void {
    let encoded;
    try {
      encoded = this.#path.encode('The answer', frame);
    } catch {
      encoded = this.#path.encode('', [
        Kind.error,
        frame[1],
        'INVALID_OUTPUT',
        'The answer cannot be sent: see the limits.',
      ]);
    }
    this.#path.queue('reply', '', encoded);
  }

  /** Stops a request: takes it back if it never left, else tells the other side. */
  #recall(id: number, item: SendItem): void {
    // Withdrawn even when the session is over: what is left in the queue may go out in the next one.
    if (this.#buffer.withdraw(item) || this.#path.over) return;
    this.#path.queue('reply', '', this.#path.encode('', [Kind.cancel, id]));
  }
}
