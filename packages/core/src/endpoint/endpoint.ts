import type { SystemError } from '../shared/errors.ts';
import type { Codec, Encoded } from '../wire/codec.ts';
import { isSequenced } from '../wire/frame-kind.ts';
import { Kind, type ErrorFrame, type Frame, type Packet, type ResultFrame, type WireLimits } from '../wire/frame.ts';
import { parsePacket } from '../wire/parse-packet.ts';
import { WireError } from '../wire/wire-error.ts';
import { AckPolicy } from '../session/ack-policy.ts';
import type { SendItem } from '../session/send-item.ts';
import { Session } from '../session/session.ts';
import { Calls, type CallRequest } from './calls.ts';
import type { Delivery, EndpointEffect } from './endpoint-io.ts';
import type { Attachment, EndpointOptions, Remains } from './endpoint-options.ts';
import { Heartbeat } from './heartbeat.ts';
import { fullPacket, Outbox, packetOverhead } from './outbox.ts';
import { SendPath } from './send-path.ts';

/**
 * One end of a session, without role, socket or clock.
 *
 * After any call that may have queued something the caller takes {@link Endpoint.takeDeliveries} and
 * {@link Endpoint.takeEffects} until both are empty, transmits {@link Endpoint.nextPacket} until `undefined`, and arms its
 * timer for {@link Endpoint.deadline}; when that has come it calls {@link Endpoint.handleTimeout}.
 */
export class Endpoint {
  readonly codec: Codec;
  readonly #accepts: WireLimits;
  readonly #session: Session;
  readonly #path: SendPath;
  readonly #calls: Calls;
  readonly #acks = new AckPolicy();
  readonly #outbox: Outbox;
  readonly #effects: EndpointEffect[] = [];
  #deliveries: Delivery[] = [];
  #heartbeat: Heartbeat | undefined;

  constructor({ accepts, codec, firstId, keeps, overflow, runningHandlers }: EndpointOptions) {
    this.codec = codec;
    this.#accepts = accepts;
    this.#session = new Session(keeps);
    const { outbound } = this.#session;
    this.#path = new SendPath(codec, outbound, overflow, accepts.msg, this.#effects);
    const limits = { inflight: accepts.inflight, running: runningHandlers };
    this.#calls = new Calls(this.#path, outbound, firstId, limits, (delivery) => this.#deliveries.push(delivery));
    this.#outbox = new Outbox(codec, this.#session);
  }

  get attached(): boolean {
    return this.#heartbeat !== undefined;
  }

  /** Whether the session is over, or will be as soon as its effects are taken. */
  get over(): boolean {
    return this.#path.over;
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

  /** Whether a full packet waits to be written. */
  get crowded(): boolean {
    return this.#session.outbound.queueBytes > fullPacket;
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
    return this.#calls.outgoing.size;
  }

  /** The next request id, for a session that succeeds this one. */
  get nextId(): number {
    return this.#calls.outgoing.nextId;
  }

  /**
   * Queues one-way data; encoded here, once.
   *
   * @throws HawserError `QUEUE_FULL`, `TOO_LARGE`, `INVALID_INPUT`
   */
  send(name: string, data: unknown): void {
    this.sendEncoded(name, this.codec.encodeFrame([Kind.message, name, data]));
  }

  /** Queues a message frame that this end's codec encoded; broadcasts share one. */
  sendEncoded(name: string, encoded: Encoded): void {
    this.#path.queue('message', name, encoded);
  }

  /** Sends data that may be lost: at once while attached, else never. */
  sendVolatile(name: string, data: unknown): void {
    if (this.attached) this.#outbox.addVolatile(this.#path.encode(name, [Kind.volatile, name, data]));
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

  /** Answers or refuses a request of the other side. */
  respond(frame: ResultFrame | ErrorFrame): void {
    this.#calls.respond(frame);
  }

  /**
   * A handshake is done: replays what the peer lacks, then goes on.
   *
   * @returns false when the peer's position is impossible; the connection must be closed with 4400
   */
  attach({ peerReceived, peerAccepts, heartbeat, firstPing }: Attachment, now: number): boolean {
    if (this.#path.over || !this.#session.resume(peerReceived)) return false;
    this.#acks.sent();
    this.#outbox.reset();
    this.#path.attached = true;
    this.#path.largest = Math.min(peerAccepts.msg, peerAccepts.frame - packetOverhead);
    this.#outbox.largest = peerAccepts.frame;
    this.#calls.allowed = peerAccepts.inflight;
    this.#heartbeat = new Heartbeat(heartbeat, firstPing, now);
    if (!this.#heartbeat.initiates) this.#ping(now);
    for (const [item, error] of this.#path.withdrawOversized()) {
      const calls = this.#calls.fail(
        (sent) => sent === item,
        () => error,
      );
      if (calls === 0) this.#effects.push({ type: 'dropped', name: item.name, error });
    }
    return true;
  }

  /** Whether a peer at this position could go on. */
  canResume(peerReceived: number): boolean {
    return !this.#path.over && this.#session.canResume(peerReceived);
  }

  /** The connection is gone. @param code - its close code */
  detach(code: number): 'kept' | 'poisoned' {
    this.#heartbeat = undefined;
    this.#path.attached = false;
    this.#outbox.reset();
    return code === 1009 && this.#session.closedTooBig() ? 'poisoned' : 'kept';
  }

  /** Takes one WebSocket message of the attached connection. Never throws on bad input: it asks for a close. */
  receive(data: Encoded, now: number): void {
    if (this.#heartbeat?.heard(now)) this.#measured();
    try {
      const { frame } = this.#accepts;
      // A character takes at most three bytes, so most packets need no count.
      if (data.length * 3 > frame && this.codec.byteLength(data) > frame)
        throw new WireError(4413, `over ${frame} bytes`);
      this.#take(parsePacket(this.codec.decode(data)), data.length, now);
    } catch (error) {
      const code = error instanceof WireError ? error.closeCode : 4400;
      this.#effects.push({ type: 'close', code, reason: (error as Error).message });
    }
  }

  /** The next packet to write now; `undefined` when there is none. */
  nextPacket(now: number): Encoded | undefined {
    if (!this.attached) return undefined;
    const { deadline } = this.#acks;
    const packet = this.#outbox.nextPacket(deadline < Infinity, now >= deadline);
    // Every packet says how far this end has received, so it settles what was owed.
    if (packet !== undefined) this.#acks.sent();
    return packet;
  }

  /** When {@link Endpoint.handleTimeout} must be called at the latest. */
  get deadline(): number {
    const { deadline } = this.#calls;
    return this.#heartbeat === undefined ? deadline : Math.min(deadline, this.#heartbeat.deadline, this.#acks.deadline);
  }

  handleTimeout(now: number): void {
    this.#calls.expire(now);
    const action = this.#heartbeat?.check(now);
    if (action === 'dead') this.#effects.push({ type: 'silent' });
    if (action !== 'ping') return;
    this.#ping(now);
    if (this.#heartbeat?.degraded) this.#measured();
  }

  /** Something suggests that the link may be gone: asks for a sign of life now. */
  probe(now: number): void {
    this.#heartbeat?.probe(now);
    this.#ping(now);
  }

  /** Asks the peer for a pong, which carries its ack: what is outstanding is known after one round trip. */
  requestAck(now: number): void {
    this.#ping(now);
  }

  takeDeliveries(): readonly Delivery[] {
    const taken = this.#deliveries;
    if (taken.length > 0) this.#deliveries = [];
    return taken;
  }

  takeEffects(): readonly EndpointEffect[] {
    return this.#effects.splice(0);
  }

  /** The session is over: what it still held. Handlers are told to stop; calls stay until {@link Endpoint.failCalls}. */
  end(): Remains {
    const { outbound } = this.#session;
    const reportable = (item: SendItem): boolean => item.kind !== 'reply';
    const remains = {
      acked: outbound.acked,
      unknown: outbound.unacknowledged().filter(reportable),
      unsent: outbound.unsent().filter(reportable),
    };
    this.detach(0);
    this.#path.over = true;
    outbound.clear();
    this.#calls.abandonAll();
    return remains;
  }

  /** Ends every call without an outcome; `reason` makes the error, knowing whether the request had left. */
  failCalls(reason: (name: string, left: boolean) => SystemError): void {
    this.#calls.fail(() => true, reason);
  }

  /** Takes over what never left a session that ended; its calls keep their ids and deadlines. */
  adopt(previous: Endpoint, unsent: readonly SendItem[]): void {
    for (const item of unsent) this.#session.outbound.push(item);
    this.#calls.adopt(previous.#calls, unsent);
  }

  #take({ seq: first, ack, frames }: Packet, bytes: number, now: number): void {
    if (!this.#session.acknowledge(ack)) throw new WireError(4400, 'an ack beyond what was sent');
    let seq = first;
    for (const frame of frames) {
      if (isSequenced(frame[0])) {
        const verdict = this.#session.accept(seq);
        seq += 1;
        if (verdict === 'duplicate') continue;
        if (verdict === 'gap') throw new WireError(4540, `a gap before number ${seq - 1}`);
      }
      this.#dispatch(frame as Frame, now);
    }
    if (first !== 0) this.#acks.received(bytes, now);
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
        this.#outbox.addControl(this.codec.encodeFrame([Kind.pong, frame[1] ?? 0]));
        if (!this.#heartbeat?.initiates) this.#ping(now);
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
    this.#outbox.addControl(this.codec.encodeFrame([Kind.ping, this.#heartbeat.pingSent(now)]));
  }

  #measured(): void {
    const { latency, degraded } = this.#heartbeat as Heartbeat;
    this.#effects.push({ type: 'measured', latency, degraded });
  }
}
