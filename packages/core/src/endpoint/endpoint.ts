import { systemError, type SystemError } from '../shared/errors.ts';
import type { Codec, Encoded } from '../wire/codec.ts';
import { isSequenced } from '../wire/frame-kind.ts';
import { Kind, type ErrorFrame, type Frame, type Packet, type WireLimits } from '../wire/frame.ts';
import { parsePacket } from '../wire/parse-packet.ts';
import { WireError } from '../wire/wire-error.ts';
import { AckPolicy } from '../session/ack-policy.ts';
import type { SendLimits } from '../session/send-buffer.ts';
import type { SendItem, SendItemKind } from '../session/send-item.ts';
import { Session } from '../session/session.ts';
import { IncomingCalls } from '../messaging/incoming-calls.ts';
import { OutgoingCalls, type CallSink } from '../messaging/outgoing-calls.ts';
import type { Delivery, EndpointEffect } from './endpoint-io.ts';
import { Heartbeat, type HeartbeatTiming } from './heartbeat.ts';
import { Outbox } from './outbox.ts';
import { makeRoom, type OverflowPolicy } from './overflow.ts';

/** What one end is made of. */
export interface EndpointOptions {
  readonly codec: Codec;
  /** First id of its own requests: 1 for the dialling end, 2 for the accepting one; larger when a session succeeds another. */
  readonly firstId: number;
  /** What this end accepts. */
  readonly accepts: WireLimits;
  /** Handlers that run at once for the other side. */
  readonly runningHandlers: number;
  readonly keeps: SendLimits;
  readonly overflow: OverflowPolicy;
}

/** A connection to go on with, as the handshake left it. */
export interface Attachment {
  /** Highest number the peer says it has received in this session. */
  readonly peerReceived: number;
  /** What the peer accepts. */
  readonly peerAccepts: WireLimits;
  readonly heartbeat: HeartbeatTiming;
  /** Delay before the first ping of the end that sets the rhythm; `Infinity` on the other. */
  readonly firstPing: number;
}

/** What a session leaves behind when it ends. */
export interface Remains {
  /** Messages and requests the peer accepted. */
  readonly acked: number;
  /** Transmitted, not acknowledged. */
  readonly unknown: readonly SendItem[];
  /** Never transmitted. */
  readonly unsent: readonly SendItem[];
}

/**
 * One end of a session, without role, socket or clock.
 *
 * After any call that may have queued something the caller takes {@link Endpoint.takeDeliveries} and
 * {@link Endpoint.takeEffects} until both are empty, transmits {@link Endpoint.nextPacket} until `undefined`, and arms its
 * timer for {@link Endpoint.deadline}; when that has come it calls {@link Endpoint.handleTimeout}.
 */
export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #codec: Codec;
  readonly #session: Session;
  readonly #acks = new AckPolicy();
  readonly #outbox: Outbox;
  readonly #outgoing: OutgoingCalls;
  readonly #incoming: IncomingCalls;
  #heartbeat: Heartbeat | undefined;
  #peerAccepts: WireLimits | undefined;
  #deliveries: Delivery[] = [];
  #effects: EndpointEffect[] = [];
  #lost = false;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#codec = options.codec;
    this.#session = new Session(options.keeps);
    this.#outbox = new Outbox(options.codec, this.#session);
    this.#outgoing = new OutgoingCalls(options.firstId);
    const peerParity = options.firstId % 2 === 0 ? 1 : 0;
    this.#incoming = new IncomingCalls(
      { inflight: options.accepts.inflight, running: options.runningHandlers },
      peerParity,
    );
  }

  get attached(): boolean {
    return this.#heartbeat !== undefined;
  }

  get codec(): Codec {
    return this.#codec;
  }

  /** Highest contiguous number received, for the handshake. */
  get received(): number {
    return this.#session.received;
  }

  /** Oldest number this end can replay, for the handshake. */
  get firstSeq(): number {
    return this.#session.outbound.firstSeq;
  }

  /** Sequenced frames written and not acknowledged. */
  get unacknowledged(): number {
    return this.#session.outbound.replayCount;
  }

  /** Sequenced frames never written. */
  get unsent(): number {
    return this.#session.outbound.queueCount;
  }

  /** Bytes kept for sending, both parts. */
  get keptBytes(): number {
    return this.#session.outbound.replayBytes + this.#session.outbound.queueBytes;
  }

  /** Frames received twice and delivered once. */
  get duplicates(): number {
    return this.#session.duplicates;
  }

  /** Calls of this end without an outcome. */
  get pendingCalls(): number {
    return this.#outgoing.size;
  }

  /** The next request id, for a session that succeeds this one. */
  get nextId(): number {
    return this.#outgoing.nextId;
  }

  /**
   * Queues one-way data; encoded here, once.
   *
   * @throws HawserError `QUEUE_FULL`, `TOO_LARGE`, `INVALID_INPUT`
   */
  send(name: string, data: unknown): void {
    this.sendEncoded(name, this.#codec.encodeFrame([Kind.message, name, data]));
  }

  /** Queues a message frame that this end's codec encoded; broadcasts share one. */
  sendEncoded(name: string, encoded: Encoded): void {
    this.#enqueue(this.#item('message', name, encoded));
  }

  /** Sends data that may be lost: at once while attached and not congested, else never. */
  sendVolatile(name: string, data: unknown, congested: boolean): void {
    if (!this.attached || congested) return;
    const encoded = this.#codec.encodeFrame([Kind.volatile, name, data]);
    this.#checkSize(name, this.#codec.byteLength(encoded));
    this.#outbox.addVolatile(encoded);
  }

  /**
   * Queues a request; its one outcome comes as a delivery for `sink`.
   *
   * @param timeout - milliseconds, `Infinity` for none
   * @throws HawserError `QUEUE_FULL`, `TOO_LARGE`, `INVALID_INPUT`, `RATE_LIMITED` over the peer's calls in flight
   * @returns the id, for {@link Endpoint.cancel}
   */
  call(name: string, params: unknown, timeout: number, key: string | undefined, sink: CallSink, now: number): number {
    const allowed = this.#peerAccepts?.inflight ?? this.#options.accepts.inflight;
    if (this.#outgoing.size >= allowed) {
      throw systemError(
        'RATE_LIMITED',
        `"${name}" was not called: ${allowed} calls wait for an answer already, which is what the other side accepts.`,
      );
    }
    const id = this.#outgoing.takeId();
    const finite = timeout !== Number.POSITIVE_INFINITY;
    const meta = {
      ...(finite ? { dl: Math.max(0, Math.round(timeout)) } : undefined),
      ...(key === undefined ? undefined : { k: key }),
    };
    const frame: Frame = finite || key !== undefined ? [Kind.request, id, name, params, meta] : [Kind.request, id, name, params];
    const item = this.#item('request', name, this.#codec.encodeFrame(frame));
    this.#enqueue(item);
    this.#outgoing.add({ id, name, sink, item, deadline: now + timeout });
    return id;
  }

  /** Gives a call up: withdraws it, or asks the other side to stop. Its sink hears nothing more. */
  cancel(id: number): void {
    const call = this.#outgoing.take(id);
    if (call !== undefined) this.#recall(id, call.item);
  }

  /** Answers a request of the other side. */
  respond(id: number, value: unknown): void {
    if (!this.#incoming.finish(id)) return this.#runWaiting();
    let encoded: Encoded;
    try {
      encoded = this.#codec.encodeFrame([Kind.result, id, value]);
      this.#checkSize('the answer', this.#codec.byteLength(encoded));
    } catch (error) {
      this.#refuse(id, [Kind.error, id, 'INVALID_OUTPUT', (error as Error).message.slice(0, 200)]);
      return this.#runWaiting();
    }
    this.#enqueue(this.#item('reply', '', encoded));
    this.#runWaiting();
  }

  /** Refuses a request of the other side. */
  respondError(frame: ErrorFrame): void {
    if (this.#incoming.finish(frame[1])) this.#refuse(frame[1], frame);
    this.#runWaiting();
  }

  /**
   * A handshake is done: replays what the peer lacks, then goes on.
   *
   * @returns false when the peer's position is impossible; the connection must be closed with 4400
   */
  attach(link: Attachment, now: number): boolean {
    if (!this.#session.resume(link.peerReceived)) return false;
    this.#peerAccepts = link.peerAccepts;
    this.#acks.sent();
    this.#outbox.reset();
    this.#heartbeat = new Heartbeat(link.heartbeat, link.firstPing, now);
    if (!this.#heartbeat.initiates) this.#ping(now);
    for (const item of this.#session.outbound.unsent()) this.#dropOversized(item, link.peerAccepts.msg);
    return true;
  }

  /** Whether a peer at this position could go on. */
  canResume(peerReceived: number): boolean {
    const { firstSeq, lastSeq } = this.#session.outbound;
    return !this.#lost && peerReceived >= firstSeq - 1 && peerReceived <= lastSeq;
  }

  /** The connection is gone. @param code - its close code */
  detach(code: number): 'kept' | 'poisoned' {
    this.#heartbeat = undefined;
    this.#outbox.reset();
    return code === 1009 && this.#session.closedTooBig() ? 'poisoned' : 'kept';
  }

  /** Takes one WebSocket message of the attached connection. Never throws on bad input: it asks for a close. */
  receive(data: Encoded, now: number): void {
    if (this.#heartbeat === undefined) return;
    if (this.#heartbeat.heard(now)) this.#measured();
    try {
      if (data.length > this.#options.accepts.frame) {
        throw new WireError(4413, `a packet over ${this.#options.accepts.frame} bytes`);
      }
      this.#take(parsePacket(this.#codec.decode(data)), data.length, now);
    } catch (error) {
      const code = error instanceof WireError ? error.closeCode : 4400;
      this.#effects.push({ type: 'close', code, reason: (error as Error).message });
    }
  }

  /** The next packet to write now; `undefined` when there is none. */
  nextPacket(now: number): Encoded | undefined {
    if (this.#heartbeat === undefined) return undefined;
    const due = this.#acks.due(now);
    const packet = this.#outbox.nextPacket(due);
    // Every packet says how far this end has received, so it settles what was owed.
    if (due || packet !== undefined) this.#acks.sent();
    return packet;
  }

  /** When {@link Endpoint.handleTimeout} must be called at the latest. */
  get deadline(): number {
    const calls = Math.min(this.#outgoing.deadline, this.#incoming.deadline);
    if (this.#heartbeat === undefined) return calls;
    return Math.min(calls, this.#heartbeat.deadline, this.#acks.deadline);
  }

  handleTimeout(now: number): void {
    for (const call of this.#outgoing.expire(now)) {
      const executed = call.item.seq === 0 ? 'no' : 'maybe';
      const error = systemError('TIMEOUT', `"${call.name}" was not answered in time.`, { executed });
      this.#deliveries.push([0, call.sink, error]);
      this.#recall(call.id, call.item);
    }
    for (const id of this.#incoming.expire(now)) this.#deliveries.push([-1, id]);
    switch (this.#heartbeat?.check(now)) {
      case 'ping':
        this.#ping(now);
        if (this.#heartbeat.degraded) this.#measured();
        break;
      case 'dead':
        this.#effects.push({ type: 'silent' });
        break;
      default:
    }
  }

  /** Something suggests that the link may be gone: asks for a sign of life now. */
  probe(now: number): void {
    if (this.#heartbeat === undefined) return;
    this.#heartbeat.probe(now);
    this.#ping(now);
  }

  /** Asks the peer for a pong, which carries its ack: what is outstanding is known after one round trip. */
  requestAck(now: number): void {
    if (this.#session.outbound.replayCount + this.#session.outbound.queueCount > 0) this.#ping(now);
  }

  takeDeliveries(): readonly Delivery[] {
    const taken = this.#deliveries;
    if (taken.length > 0) this.#deliveries = [];
    return taken;
  }

  takeEffects(): readonly EndpointEffect[] {
    const taken = this.#effects;
    if (taken.length > 0) this.#effects = [];
    return taken;
  }

  /** The session is over: what it still held. Handlers are told to stop; calls stay until {@link Endpoint.failCalls}. */
  end(): Remains {
    this.#lost = true;
    this.#heartbeat = undefined;
    this.#outbox.reset();
    const { outbound } = this.#session;
    const reportable = (item: SendItem): boolean => item.kind !== 'reply';
    const remains = {
      acked: outbound.acked,
      unknown: outbound.unacknowledged().filter(reportable),
      unsent: outbound.unsent().filter(reportable),
    };
    outbound.clear();
    for (const id of this.#incoming.abandonAll()) this.#deliveries.push([-1, id]);
    return remains;
  }

  /** Ends every call without an outcome; `reason` makes the error, knowing whether the request had left. */
  failCalls(reason: (name: string, left: boolean) => SystemError): void {
    for (const call of this.#outgoing.takeAll()) {
      this.#deliveries.push([0, call.sink, reason(call.name, call.item.seq !== 0)]);
    }
  }

  /** Takes over what never left a session that ended; its calls keep their ids and deadlines. */
  adopt(previous: Endpoint, unsent: readonly SendItem[]): void {
    const calls = new Map(previous.#outgoing.takeAll().map((call) => [call.item, call]));
    for (const item of unsent) {
      this.#session.outbound.push(item);
      const call = calls.get(item);
      if (call === undefined) continue;
      calls.delete(item);
      this.#outgoing.add(call);
    }
    for (const call of calls.values()) previous.#outgoing.add(call);
  }

  #take(packet: Packet, bytes: number, now: number): void {
    if (packet.ack !== 0 && !this.#session.acknowledge(packet.ack)) {
      throw new WireError(4400, 'an ack beyond what was sent');
    }
    let seq = packet.seq;
    for (const frame of packet.frames) {
      if (isSequenced(frame[0])) {
        const verdict = this.#session.accept(seq);
        seq += 1;
        if (verdict === 'duplicate') continue;
        if (verdict === 'gap') throw new WireError(4540, `a gap before number ${seq - 1}`);
      }
      this.#dispatch(frame as Frame, now);
    }
    if (packet.seq !== 0) this.#acks.received(bytes, now);
  }

  #dispatch(frame: Frame, now: number): void {
    switch (frame[0]) {
      case Kind.message:
      case Kind.volatile:
        this.#deliveries.push(frame);
        break;
      case Kind.request:
        this.#admit(frame, now);
        break;
      case Kind.result:
      case Kind.error: {
        if (!this.#outgoing.issued(frame[1])) throw new WireError(4400, 'an answer to a call never made');
        const call = this.#outgoing.take(frame[1]);
        // An answer to a call that was cancelled or timed out is late, not wrong.
        if (call !== undefined) this.#deliveries.push([0, call.sink, frame]);
        break;
      }
      case Kind.cancel:
        if (!this.#incoming.known(frame[1])) throw new WireError(4400, 'a cancel for a call never made');
        if (this.#incoming.abandon(frame[1])) this.#deliveries.push([-1, frame[1]]);
        break;
      case Kind.ping:
        this.#outbox.addControl(this.#codec.encodeFrame([Kind.pong, frame[1] ?? 0]));
        if (this.#heartbeat !== undefined && !this.#heartbeat.initiates) this.#ping(now);
        break;
      case Kind.pong:
        if (this.#heartbeat?.ponged(frame[1] ?? 0, now)) this.#measured();
        break;
      case Kind.hello:
      case Kind.welcome:
      case Kind.reject:
        throw new WireError(4400, 'a handshake frame after the handshake');
      default:
      // Ignorable kinds of later versions, and notices this version does not act on.
    }
  }

  #admit(frame: Frame & { readonly 0: 2 }, now: number): void {
    switch (this.#incoming.admit(frame, now)) {
      case 'run':
        this.#deliveries.push(frame);
        break;
      case 'refuse':
        this.#refuse(frame[1], [Kind.error, frame[1], 'RATE_LIMITED', 'Too many calls in flight; wait for answers.']);
        break;
      case 'violation':
        throw new WireError(4400, 'a request id used twice or of the wrong parity');
      default:
    }
  }

  #runWaiting(): void {
    for (let next = this.#incoming.startNext(); next !== undefined; next = this.#incoming.startNext()) {
      this.#deliveries.push(next);
    }
  }

  #refuse(id: number, frame: ErrorFrame): void {
    let encoded: Encoded;
    try {
      encoded = this.#codec.encodeFrame(frame);
      this.#checkSize('the error', this.#codec.byteLength(encoded));
    } catch {
      encoded = this.#codec.encodeFrame([Kind.error, id, 'INTERNAL', 'The error could not be sent.']);
    }
    this.#enqueue(this.#item('reply', '', encoded));
  }

  /** Stops a request: takes it back if it never left, else tells the other side. */
  #recall(id: number, item: SendItem): void {
    if (this.#lost || this.#session.outbound.withdraw(item)) return;
    this.#enqueue(this.#item('reply', '', this.#codec.encodeFrame([Kind.cancel, id])));
  }

  #item(kind: SendItemKind, name: string, encoded: Encoded): SendItem {
    const bytes = this.#codec.byteLength(encoded);
    if (kind !== 'reply') this.#checkSize(name, bytes);
    return { kind, name, bytes, encoded, seq: 0 };
  }

  #checkSize(name: string, bytes: number): void {
    const limit = this.#peerAccepts?.msg ?? this.#options.accepts.msg;
    if (bytes > limit) throw tooLarge(name, bytes, limit);
  }

  #enqueue(item: SendItem): void {
    if (this.#lost) return;
    const { outbound } = this.#session;
    const verdict = makeRoom(outbound, item, this.#options.overflow);
    if (!verdict.take) {
      if (verdict.error !== undefined) throw verdict.error;
      this.#dropped(item.name);
      return;
    }
    for (const dropped of verdict.dropped) this.#dropped(dropped.name);
    outbound.push(item);
    if (outbound.overfull) {
      // Decided here and now: a session that cannot be replayed must not hold memory (rule 9).
      this.#lost = true;
      this.#effects.push({ type: 'lost', why: 'overflow' });
    } else if (verdict.slow && this.attached) {
      this.#effects.push({ type: 'close', code: 4541, reason: 'slow consumer' });
    }
  }

  #dropOversized(item: SendItem, limit: number): void {
    if (item.bytes <= limit || !this.#session.outbound.withdraw(item)) return;
    const error = tooLarge(item.name, item.bytes, limit);
    const call = this.#outgoing.takeByItem(item);
    if (call === undefined) this.#effects.push({ type: 'dropped', name: item.name, error });
    else this.#deliveries.push([0, call.sink, error]);
  }

  #dropped(name: string): void {
    const error = systemError('QUEUE_FULL', `"${name}" was dropped from the full send queue, as the overflow policy says.`);
    this.#effects.push({ type: 'dropped', name, error });
  }

  #ping(now: number): void {
    if (this.#heartbeat === undefined) return;
    this.#outbox.addControl(this.#codec.encodeFrame([Kind.ping, this.#heartbeat.pingSent(now)]));
  }

  #measured(): void {
    const heartbeat = this.#heartbeat as Heartbeat;
    this.#effects.push({ type: 'measured', latency: heartbeat.latency, degraded: heartbeat.degraded });
  }
}

function tooLarge(name: string, bytes: number, limit: number): SystemError {
  return systemError(
    'TOO_LARGE',
    `"${name}" takes ${bytes} bytes and the other side accepts ${limit}. Split it, or raise the limit on the other side.`,
    { data: { bytes, limit } },
  );
}
