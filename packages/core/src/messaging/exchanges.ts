import { explain } from '../shared/explain.ts';
import { systemError, type SystemError } from '../shared/errors.ts';
import type { SendItem } from '../session/send-item.ts';
import { isExchangeFrame } from '../wire/exchange-frame.ts';
import { malformed, maybe } from '../wire/field.ts';
import {
  Kind,
  type EndFrame,
  type ErrorFrame,
  type ExchangeFrame,
  type Frame,
  type FrameMeta,
  type OpenFrame,
  type RequestFrame,
  type ResultFrame,
} from '../wire/frame.ts';
import { maxDuration, uploadCredit } from '../wire/limits.ts';
import { isName } from '../wire/name.ts';
import type { FrameChecks } from '../wire/parse-packet.ts';
import type { ExchangeRequest, IncomingExchange, OutgoingExchange } from './exchange.ts';
import type { ExchangeOptions, ExchangeRoute } from './exchange-route.ts';
import { IdTable } from './id-table.ts';
import { lostExchange, mayHaveRun } from './lost-exchange.ts';

/** Most credit one exchange may hold. */
const maxCredit = 2_147_483_647;

/** What may come at once of a stream opened with this credit, or of an upload; nothing for a call. */
function creditOf(opening: number | undefined): number {
  return opening === 0 ? uploadCredit : (opening ?? 0);
}

/** Never written to: thousands of idle connections share it. */
const none = /* @__PURE__ */ new IdTable<never>();

/** Calls, streams and uploads of both directions over one session; `protocol/README.md` section 4. */
export class Exchanges implements FrameChecks {
  /** Exchanges of this end the peer accepts at once. */
  allowed: number;
  /** No exchange of either direction is overdue before this instant; for reading. */
  deadline: number = Infinity;
  /** Handlers that have not returned, also those nobody waits for any more. */
  running = 0;
  /** Streams of this end that wait for room; they are told once when some may have come. */
  readonly stalled: IncomingExchange[] = [];
  readonly #route: ExchangeRoute;
  readonly #options: ExchangeOptions;
  #outgoing: IdTable<OutgoingExchange> = none;
  /** What wants an answer. */
  #incoming: IdTable<IncomingExchange> = none;
  /** Of those, what waits for a handler, in order of arrival. */
  readonly #waiting: IncomingExchange[] = [];
  #nextId: number;
  /** Largest id of the other side; its ids only grow. */
  #highest = 0;

  constructor(route: ExchangeRoute, options: ExchangeOptions) {
    this.#route = route;
    this.#options = options;
    this.#nextId = options.firstId;
    this.allowed = options.accepts.inflight;
  }

  fits(frame: unknown[]): boolean {
    return isExchangeFrame(frame);
  }

  /** Exchanges of this end without an outcome. */
  get size(): number {
    return this.#outgoing.size;
  }

  /**
   * Sends the question.
   *
   * @throws HawserError `RATE_LIMITED` over the peer's cap, `INVALID_INPUT` for a key or traceparent that is no name, or
   * what queueing throws
   */
  start(asked: ExchangeRequest, now: number): OutgoingExchange {
    const { name, params, timeout, key, trace, opening } = asked;
    if (this.size >= this.allowed) {
      const text =
        explain &&
        `"${name}" was not called: ${this.allowed} calls wait already, which is what the other side accepts.`;
      throw systemError('RATE_LIMITED', text);
    }
    if (!maybe(isName, key) || !maybe(isName, trace)) {
      const text =
        explain && 'An idempotency key or traceparent must be 1 to 128 bytes of text without control characters.';
      throw systemError('INVALID_INPUT', text);
    }
    const id = this.#nextId;
    this.#nextId += 2;
    // A longer time than the wire can say is as good as none. Codecs leave undefined members out.
    const dl = timeout > maxDuration ? undefined : Math.max(0, Math.round(timeout));
    const meta = { dl, k: key, tp: trace } as FrameMeta;
    const frame: Frame =
      opening === undefined ? [Kind.request, id, name, params, meta] : [Kind.open, id, name, params, opening, meta];
    const item = this.#route.post('call', name, frame);
    const exchange = { ...asked, id, item, credit: creditOf(opening), deadline: this.#due(now + timeout) };
    if (this.#outgoing === none) this.#outgoing = new IdTable();
    this.#outgoing.add(exchange);
    return exchange;
  }

  /** Nobody wants the answer: takes the question back, or tells the other side; false when it is over already. */
  cancel({ id, item }: OutgoingExchange): boolean {
    if (!this.#outgoing.delete(id)) return false;
    if (!this.#route.withdraw(item)) this.#route.post('reply', '', [Kind.cancel, id]);
    return true;
  }

  /** Lets `n` more items of a stream come. */
  grant(exchange: OutgoingExchange, n: number): void {
    if (this.#outgoing.get(exchange.id) === undefined) return;
    exchange.credit += n;
    this.#route.post('reply', '', [Kind.credit, exchange.id, n]);
  }

  /**
   * @param bytes - about what the frame took on the wire
   * @param overtaken - whether the frame came in chunks, so that later ones may have been faster
   * @throws WireError 4400 when the frame fits nothing that was asked
   */
  take(frame: ExchangeFrame, now: number, bytes = 0, overtaken: boolean = false): void {
    const [kind, id] = frame;
    const mine = (id - this.#nextId) % 2 === 0;
    if (kind === Kind.request || kind === Kind.open) this.#requested(frame, mine, now, overtaken);
    else if (mine ? kind === Kind.cancel || id >= this.#nextId : kind < Kind.credit || id > this.#highest)
      throw malformed(explain && 'an answer, credit or cancel for what was never asked');
    else if (mine) this.#answered(frame, bytes);
    else {
      const exchange = this.#incoming.get(id);
      if (kind === Kind.cancel) this.#abandon(id);
      else if (exchange?.bytes) throw malformed(explain && 'credit for an upload, from the end that uploads');
      else if (exchange) {
        exchange.credit = this.#more(exchange.credit, frame[2] as number);
        this.#route.outputs.push([Kind.credit, exchange]);
      }
    }
  }

  /** Fails the outgoing exchanges whose item is chosen; returns how many. */
  fail(pick: (item: SendItem) => boolean, error: (name: string, left: boolean) => SystemError): number {
    const before = this.size;
    for (const exchange of this.#outgoing.all()) {
      const { id, name, sink, item } = exchange;
      if (!pick(item)) continue;
      this.#outgoing.delete(id);
      this.#route.outputs.push([0, sink, error(name, mayHaveRun(exchange))]);
    }
    return before - this.size;
  }

  /**
   * Sends one item of a stream this end answers; `undefined` when nobody wants it any more.
   *
   * @throws what queueing throws
   */
  emit(exchange: IncomingExchange, value: unknown): SendItem | undefined {
    const { id, request } = exchange;
    if (this.#incoming.get(id) !== exchange) return undefined;
    const item = this.#route.post('reply', request[2], [Kind.item, id, value]);
    exchange.credit -= 1;
    return item;
  }

  /** Something was acknowledged: streams that waited for room may look again. */
  freed(): void {
    for (let next; (next = this.stalled.shift()) !== undefined;) this.#route.outputs.push([Kind.credit, next]);
  }

  /** Uploads of the other side without an answer. */
  uploads(): IncomingExchange[] {
    return this.#incoming.all().filter(({ bytes }) => bytes);
  }

  /**
   * The upload of the other side with this id; `undefined` when it is over.
   *
   * @throws WireError 4400 when there never was one
   */
  upload(id: number): IncomingExchange | undefined {
    const exchange = this.#incoming.get(id);
    if ((id - this.#nextId) % 2 === 0 || id > this.#highest || (exchange && (!exchange.bytes || exchange.ended)))
      throw malformed(explain && 'a chunk of what is no open upload');
    return exchange;
  }

  /** Lets `n` more bytes of an upload come. */
  allow(exchange: IncomingExchange, n: number): void {
    const { id } = exchange;
    if (this.#incoming.get(id) !== exchange) return;
    exchange.credit += n;
    this.#route.post('reply', '', [Kind.credit, id, n]);
  }

  /** Ends what the other side asked for with this error, and stops its handler. */
  refuse({ id }: IncomingExchange, code: string, message: string): void {
    this.#reply([Kind.error, id, code, message]);
    this.#abandon(id);
  }

  /** A handler finished; sends its answer unless nobody waits for it any more. */
  respond(exchange: IncomingExchange, answer: ResultFrame | ErrorFrame | EndFrame): void {
    const { id } = exchange;
    this.running -= 1;
    // After a lost session the id may belong to something newer.
    if (this.#incoming.get(id) === exchange) {
      this.#incoming.delete(id);
      this.#reply(answer);
    }
    // One place came free.
    const next = this.running < this.#options.runningHandlers && this.#waiting.shift();
    if (next) this.#run(next);
  }

  /** Ends what is overdue in both directions. */
  expire(now: number): void {
    if (now < this.deadline) return;
    this.deadline = Infinity;
    for (const exchange of this.#outgoing.all()) {
      const { deadline, name, sink } = exchange;
      if (now < this.#due(deadline, now)) continue;
      const text = explain && `"${name}" was not answered in time.`;
      const executed = mayHaveRun(exchange) ? 'maybe' : 'no';
      const error = systemError('TIMEOUT', text, { executed });
      this.#route.outputs.push([0, sink, error]);
      this.cancel(exchange);
    }
    for (const { id, deadline } of this.#incoming.all()) if (now >= this.#due(deadline, now)) this.#abandon(id);
  }

  /**
   * The session is lost: the requests of idempotent calls, to be asked again in the next one as if they had never left.
   *
   * @param requeue - without those that never left, because all of that goes on
   */
  retried(requeue: boolean): SendItem[] {
    const items: SendItem[] = [];
    for (const exchange of this.#outgoing.all()) {
      const { item, idempotent } = exchange;
      if (!idempotent || (requeue && item.seq === 0)) continue;
      exchange.again ||= item.seq > 0;
      item.seq = 0;
      items.push(item);
    }
    return items;
  }

  /** Fails what was to be asked again: it may have run as somebody else. */
  disown(): void {
    for (const { id, again, name, sink, item } of this.#outgoing.all()) {
      if (!again || item.seq > 0) continue;
      this.#outgoing.delete(id);
      this.#route.withdraw(item);
      this.#route.outputs.push([0, sink, lostExchange(name, true, false)]);
    }
  }

  /**
   * The session is over: fails what is not kept, and abandons what the other side asked for.
   *
   * @param closed - whether this end is closed for good
   */
  restart(kept: readonly SendItem[], closed: boolean): void {
    const left = new Set(kept);
    this.fail(
      (item) => !left.has(item),
      (name, written) => lostExchange(name, written, closed),
    );
    for (const { id } of this.#incoming.all()) this.#abandon(id);
    this.#highest = 0;
  }

  #requested(request: RequestFrame | OpenFrame, mine: boolean, now: number, overtaken: boolean): void {
    const [kind, id] = request;
    if (mine || (overtaken ? this.#incoming.get(id) : id <= this.#highest))
      throw malformed(explain && 'request id reused');
    this.#highest = Math.max(id, this.#highest);
    if (this.#incoming.size < this.#options.accepts.inflight) {
      const meta = kind === Kind.open ? request[5] : request[4];
      const opening = kind === Kind.open ? this.#more(0, request[4]) : undefined;
      const deadline = this.#due(now + (meta?.dl ?? Infinity));
      if (this.#incoming === none) this.#incoming = new IdTable();
      const upload = opening === 0 && { bytes: [], seenAt: now };
      const exchange = { id, request, deadline, credit: creditOf(opening), started: false, ...upload };
      this.#incoming.add(exchange);
      if (this.running < this.#options.runningHandlers) this.#run(exchange);
      else this.#waiting.push(exchange);
    } else this.#reply([Kind.error, id, 'RATE_LIMITED', explain ? 'Too many calls in flight; wait for answers.' : '']);
  }

  #answered(frame: ExchangeFrame, bytes: number): void {
    const [kind, id] = frame;
    const exchange = this.#outgoing.get(id);
    // What comes after a cancel or a timeout is late, not wrong.
    if (exchange === undefined) return;
    const { opening, credit, sink } = exchange;
    // A stream answers with items, an upload takes credit, both calls and uploads end with a result.
    const streams = kind === Kind.item || kind === Kind.end;
    const fits = streams
      ? Boolean(opening) && (kind === Kind.end || credit > 0)
      : kind === Kind.credit
        ? opening === 0
        : kind === Kind.error || !opening;
    if (!fits) throw malformed(explain && 'an item without credit, or an answer of another kind than was asked for');
    if (kind === Kind.item) exchange.credit -= 1;
    else if (kind === Kind.credit) exchange.credit = this.#more(credit, frame[2]);
    else this.#outgoing.delete(id);
    this.#route.outputs.push([0, sink, frame as ResultFrame, bytes]);
  }

  /** Credit after a grant. */
  #more(credit: number, n: number): number {
    if (credit + n > maxCredit) throw malformed(explain && 'more credit than can be held');
    return credit + n;
  }

  /** Forgets what the other side asked for, and stops its handler. */
  #abandon(id: number): void {
    const exchange = this.#incoming.get(id);
    this.#incoming.delete(id);
    if (exchange?.started) this.#route.outputs.push([Kind.cancel, exchange]);
    else if (exchange) this.#waiting.splice(this.#waiting.indexOf(exchange), 1);
  }

  /** Remembers the earliest deadline that is later than `now`. */
  #due(deadline: number, now = -Infinity): number {
    if (deadline > now) this.deadline = Math.min(this.deadline, deadline);
    return deadline;
  }

  /** Hands it to a free handler. */
  #run(exchange: IncomingExchange): void {
    exchange.started = true;
    this.running += 1;
    this.#route.outputs.push([Kind.request, exchange]);
  }

  /** Sends an answer, or why it cannot be sent. */
  #reply(answer: ResultFrame | ErrorFrame | EndFrame): void {
    try {
      this.#route.post('reply', 'The answer', answer);
    } catch {
      const text = explain ? 'The answer cannot be sent: see the limits.' : '';
      this.#route.post('reply', '', [Kind.error, answer[1], 'INVALID_OUTPUT', text]);
    }
  }
}
