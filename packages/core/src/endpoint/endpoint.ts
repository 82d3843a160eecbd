import type { SystemError } from '../shared/errors.ts';
import type { Codec, Encoded } from '../wire/codec.ts';
import { isSequenced } from '../wire/frame-kind.ts';
import { Kind, type ErrorFrame, type Frame, type Packet, type WireLimits } from '../wire/frame.ts';
import { parsePacket } from '../wire/parse-packet.ts';
import { WireError } from '../wire/wire-error.ts';
import { AckPolicy } from '../session/ack-policy.ts';
import type { SendItem } from '../session/send-item.ts';
import { Session } from '../session/session.ts';
import { Calls, type CallRequest } from './calls.ts';
import type { Delivery, EndpointEffect } from './endpoint-io.ts';
import type { Attachment, EndpointOptions, Remains } from './endpoint-options.ts';
import { Heartbeat } from './heartbeat.ts';
import { Outbox } from './outbox.ts';
import { SendPath } from './send-path.ts';

/**
 * One end of a session, without role, socket or clock.
 *
 * After any call that may have queued something the caller takes {@link Endpoint.takeDeliveries} and
 * {@link Endpoint.takeEffects} until both are empty, transmits {@link Endpoint.nextPacket} until `undefined`, and arms its
 * timer for {@link Endpoint.deadline}; when that has come it calls {@link Endpoint.handleTimeout}.
 */
export class Endpoint {
  readonly #accepts: WireLimits;
  readonly #codec: Codec;
  readonly #session: Session;
  readonly #path: SendPath;
  readonly #calls: Calls;
  readonly #acks = new AckPolicy();
  readonly #outbox: Outbox;
  #heartbeat: Heartbeat | undefined;
  #deliveries: Delivery[] = [];
  #effects: EndpointEffect[] = [];

  constructor(options: EndpointOptions) {
    const { accepts, codec, firstId, keeps, overflow, runningHandlers } = options;
    this.#accepts = accepts;
    this.#codec = codec;
    this.#session = new Session(keeps);
    const { outbound } = this.#session;
    this.#path = new SendPath(codec, outbound, overflow, accepts.msg, (effect) => this.#effects.push(effect));
    const limits = { inflight: accepts.inflight, running: runningHandlers };
    this.#calls = new Calls(this.#path, outbound, firstId, limits, (delivery) => this.#deliveries.push(delivery));
    this.#outbox = new Outbox(codec, this.#session);
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
    return this.#calls.pending;
  }

  /** The next request id, for a session that succeeds this one. */
  get nextId(): number {
    return this.#calls.nextId;
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
    this.#path.queue('message', name, encoded);
  }

  /** Sends data that may be lost: at once while attached and not congested, else never. */
  sendVolatile(name: string, data: unknown, congested: boolean): void {
    if (!this.attached || congested) return;
    this.#outbox.addVolatile(this.#path.encodeVolatile(name, [Kind.volatile, name, data]));
  }

  /**
   * Queues a request; its one outcome comes as a delivery for its sink.
   *
   * @throws HawserError `QUEUE_FULL`, `TOO_LARGE`, `INVALID_INPUT`, `RATE_LIMITED` over the peer's calls in flight
   * @returns the id, for {@link Endpoint.cancel}
   */
  call(request: CallRequest, now: number): number {
    return this.#calls.start(request, now);
  }

  /** Gives a call up: withdraws it, or asks the other side to stop. Its sink hears nothing more. */
  cancel(id: number): void {
    this.#calls.cancel(id);
  }

  /** Answers a request of the other side. */
  respond(id: number, value: unknown): void {
    this.#calls.respond(id, value);
  }

  /** Refuses a request of the other side. */
  respondError(frame: ErrorFrame): void {
    this.#calls.respondError(frame);
  }

  /**
   * A handshake is done: replays what the peer lacks, then goes on.
   *
   * @returns false when the peer's position is impossible; the connection must be closed with 4400
   */
  attach(link: Attachment, now: number): boolean {
    if (this.#path.over || !this.#session.resume(link.peerReceived)) return false;
    this.#acks.sent();
    this.#outbox.reset();
    this.#path.attach(link.peerAccepts.msg);
    this.#calls.attach(link.peerAccepts.inflight);
    this.#heartbeat = new Heartbeat(link.heartbeat, link.firstPing, now);
    if (!this.#heartbeat.initiates) this.#ping(now);
    for (const [item, error] of this.#path.withdrawOversized()) {
      if (!this.#calls.failItem(item, error)) this.#effects.push({ type: 'dropped', name: item.name, error });
    }
    return true;
  }

  /** Whether a peer at this position could go on. */
  canResume(peerReceived: number): boolean {
    const { firstSeq, lastSeq } = this.#session.outbound;
    return !this.#path.over && peerReceived >= firstSeq - 1 && peerReceived <= lastSeq;
  }

  /** The connection is gone. @param code - its close code */
  detach(code: number): 'kept' | 'poisoned' {
    this.#heartbeat = undefined;
    this.#path.detach();
    this.#outbox.reset();
    return code === 1009 && this.#session.closedTooBig() ? 'poisoned' : 'kept';
  }

  /** Takes one WebSocket message of the attached connection. Never throws on bad input: it asks for a close. */
  receive(data: Encoded, now: number): void {
    if (this.#heartbeat === undefined) return;
    if (this.#heartbeat.heard(now)) this.#measured();
    try {
      if (data.length > this.#accepts.frame) throw new WireError(4413, `a packet over ${this.#accepts.frame} bytes`);
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
    if (this.#heartbeat === undefined) return this.#calls.deadline;
    return Math.min(this.#calls.deadline, this.#heartbeat.deadline, this.#acks.deadline);
  }

  handleTimeout(now: number): void {
    this.#calls.expire(now);
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
    if (this.unacknowledged + this.unsent > 0) this.#ping(now);
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
    this.#path.end();
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
    this.#calls.abandonAll();
    return remains;
  }

  /** Ends every call without an outcome; `reason` makes the error, knowing whether the request had left. */
  failCalls(reason: (name: string, left: boolean) => SystemError): void {
    this.#calls.failAll(reason);
  }

  /** Takes over what never left a session that ended; its calls keep their ids and deadlines. */
  adopt(previous: Endpoint, unsent: readonly SendItem[]): void {
    for (const item of unsent) this.#session.outbound.push(item);
    this.#calls.adopt(previous.#calls, unsent);
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
        this.#calls.requested(frame, now);
        break;
      case Kind.result:
      case Kind.error:
        this.#calls.answered(frame);
        break;
      case Kind.cancel:
        this.#calls.cancelled(frame[1]);
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

  #ping(now: number): void {
    if (this.#heartbeat === undefined) return;
    this.#outbox.addControl(this.#codec.encodeFrame([Kind.ping, this.#heartbeat.pingSent(now)]));
  }

  #measured(): void {
    const heartbeat = this.#heartbeat as Heartbeat;
    this.#effects.push({ type: 'measured', latency: heartbeat.latency, degraded: heartbeat.degraded });
  }
}
