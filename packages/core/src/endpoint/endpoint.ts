import { explain } from '../shared/explain.ts';
import type { SystemError } from '../shared/errors.ts';
import type { Exchanges } from '../messaging/exchanges.ts';
import type { SendItem } from '../session/send-item.ts';
import type { Encoded } from '../wire/codec.ts';
import { malformed } from '../wire/field.ts';
import { isSequenced } from '../wire/frame-kind.ts';
import { Kind, type ExchangeFrame, type Frame, type Packet } from '../wire/frame.ts';
import { parsePacket } from '../wire/parse-packet.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Attachment, Remains } from './endpoint-options.ts';
import { Heartbeat } from './heartbeat.ts';
import { Outbox } from './outbox.ts';

/** What an end announces that takes chunks. */
const chunkCapability = 'chunk';

/**
 * One end of a session, without role, socket or clock; when the session is over the next one begins in its place.
 *
 * After any call that may have queued something the caller takes {@link Endpoint.outputs} from the front until there are
 * none, transmits {@link Endpoint.nextPacket} until `undefined`, and arms its timer for {@link Endpoint.deadline}; when
 * that has come it calls {@link Endpoint.handleTimeout}.
 */
export class Endpoint extends Outbox {
  /** Calls, streams and uploads; whoever needs them plugs them in. */
  exchanges: Exchanges | undefined;
  #heartbeat: Heartbeat | undefined;
  /** Whether a round trip was asked for. */
  #measured = false;
  /** Whether the peer may send chunks. */
  #chunked = false;

  /** What this end understands beyond version 1.0, for the handshake. */
  get caps(): string[] {
    return this.bulk ? [chunkCapability] : [];
  }

  /**
   * Queues one-way data; encoded here, once.
   *
   * @throws HawserError `QUEUE_FULL`, `TOO_LARGE`, `INVALID_INPUT`
   */
  send(name: string, data: unknown): void {
    this.post('message', name, [Kind.message, name, data]);
  }

  /** Whether a peer at this position could go on. */
  canResume(peerReceived: number): boolean {
    return !this.over && this.session.canResume(peerReceived);
  }

  /**
   * A handshake is done: replays what the peer lacks, then goes on.
   *
   * @throws WireError 4400 when the peer's position is impossible
   */
  attach({ peerReceived, peerAccepts, caps, heartbeat, firstPing }: Attachment, now: number): void {
    if (this.over || !this.session.resume(peerReceived)) throw malformed(explain && 'impossible position');
    this.session.ackSent();
    this.reset(true);
    if (this.exchanges) this.exchanges.allowed = peerAccepts.inflight;
    this.#heartbeat = new Heartbeat(heartbeat, firstPing, now);
    this.#measured = this.#heartbeat.initiates;
    this.#chunked = this.bulk !== undefined && caps?.includes(chunkCapability) === true;
    this.limit(peerAccepts, this.#chunked, now, (item, error) => {
      const failed = this.exchanges?.fail(
        (sent) => sent === item,
        () => error,
      );
      if (!failed) this.outputs.push({ type: 'dropped', name: item.name, error });
    });
    this.topics?.attached(peerAccepts);
  }

  /** The connection is gone; true when one message keeps closing it. @param code - its close code */
  detach(code: number): boolean {
    this.#heartbeat = undefined;
    this.reset(false);
    this.bulk?.detach();
    this.topics?.detached();
    return code === 1009 && this.session.closedTooBig();
  }

  /**
   * The session is over: the next one begins, with the idempotent calls if `retry`, and with what never left if `requeue`;
   * calls among that go on. All others end; `error` makes their outcome, knowing whether the request had left. Handlers
   * are told to stop.
   */
  restart(requeue: boolean, error: (name: string, left: boolean) => SystemError, retry = false): Remains {
    const { session, exchanges } = this;
    const reportable = (items: SendItem[]): SendItem[] => items.filter(({ kind }) => kind !== 'reply');
    const unsent = reportable(this.unsent);
    const unknown = reportable(session.unacknowledged());
    const again = (retry && exchanges?.retried(requeue)) || [];
    // Ids must grow, and those that left have the smaller ones.
    const kept = requeue ? [...again, ...unsent] : again;
    this.detach(0);
    this.renew(kept);
    exchanges?.restart(kept, error);
    return { acked: session.acked, unknown, unsent };
  }

  /** Takes one WebSocket message of the attached connection. Never throws on bad input: it asks for a close. */
  receive(data: Encoded, now: number): void {
    if (this.#heartbeat?.heard(now)) this.#tellHealth();
    try {
      // A byte no packet begins with.
      if (data[0] === 0xc1 && this.#chunked) return this.#receiveChunk(data as Uint8Array, now);
      const { codec, accepts } = this.options;
      // A character takes at most three bytes, so most packets need no count.
      if (data.length * 3 > accepts.frame && codec.byteLength(data) > accepts.frame)
        throw new WireError(4413, explain ? `over ${accepts.frame} bytes` : '');
      this.take(parsePacket(codec.decode(data)), data.length, now);
    } catch (error) {
      this.#fault(error);
    }
  }

  /** When {@link Endpoint.handleTimeout} must be called at the latest. */
  get deadline(): number {
    const { deadline = Infinity } = this.exchanges ?? {};
    if (this.#heartbeat === undefined) return deadline;
    return Math.min(deadline, this.#heartbeat.deadline, this.session.ackAt, this.bulk?.deadline ?? Infinity);
  }

  /** Does what is due; nothing when called early. */
  handleTimeout(now: number): void {
    this.exchanges?.expire(now);
    try {
      this.bulk?.expire(now);
    } catch (error) {
      this.#fault(error);
    }
    const action = this.#heartbeat?.check(now);
    if (action === 'dead') this.outputs.push({ type: 'silent' });
    if (action !== 'ping') return;
    this.requestAck(now);
    if (this.#heartbeat?.degraded) this.#tellHealth();
  }

  override nextPacket(now: number, roomy?: boolean): Encoded | undefined {
    // The first ping rides on what leaves anyway: to connect costs no packet for it.
    const { size, ackAt } = this.session;
    if (!this.#measured && this.attached && (size > 0 || now >= ackAt)) {
      this.#measured = true;
      this.requestAck(now);
    }
    return super.nextPacket(now, roomy);
  }

  /** Something suggests that the link may be gone: asks for a sign of life now. */
  probe(now: number): void {
    this.#heartbeat?.probe(now);
    this.requestAck(now);
  }

  /** Asks the peer for a pong, which carries its ack: what is outstanding is known after one round trip. */
  requestAck(now: number): void {
    if (this.#heartbeat !== undefined) this.addControl([Kind.ping, this.#heartbeat.pingSent(now)]);
  }

  /** Takes one checked packet. @throws WireError when it fits nothing */
  take({ seq: first, ack, frames }: Packet, bytes: number, now: number): void {
    if (!this.session.acknowledge(ack)) throw malformed(explain && 'an ack beyond what was sent');
    this.exchanges?.freed();
    this.bulk?.acked(now);
    let seq = first;
    for (const frame of frames) {
      if (isSequenced(frame[0])) {
        const isNew = this.session.accept(seq);
        seq += 1;
        if (!isNew) continue;
      }
      this.#dispatch(frame as Frame, now, bytes / frames.length);
    }
    if (first !== 0) this.session.oweAck(bytes, now);
  }

  /** Takes one checked frame that came in chunks. @throws WireError when it fits nothing */
  takeWhole(frame: Frame, bytes: number, now: number): void {
    this.#dispatch(frame, now, bytes, true);
  }

  #receiveChunk(data: Uint8Array, now: number): void {
    const complete = this.bulk?.receive(data, now);
    if (complete) this.takeWhole(complete[0], complete[1], now);
  }

  /** @param overtaken - whether frames that were sent later may have come before this one */
  #dispatch(frame: Frame, now: number, bytes: number, overtaken?: boolean): void {
    switch (frame[0]) {
      case Kind.message:
      case Kind.volatile:
        this.outputs.push(frame);
        break;
      case Kind.subscribe:
      case Kind.unsubscribe:
      case Kind.publish:
      case Kind.topicState:
      case Kind.topicEnd:
        if (!this.topics) throw malformed(explain && 'a topic frame where there are no topics');
        this.topics.take(frame);
        break;
      case Kind.ping:
        this.addControl([Kind.pong, frame[1] ?? 0]);
        if (!this.#heartbeat?.initiates) this.requestAck(now);
        break;
      case Kind.pong:
        if (this.#heartbeat?.ponged(frame[1] ?? 0, now)) this.#tellHealth();
        break;
      case Kind.hello:
      case Kind.welcome:
      case Kind.reject:
        throw malformed(explain && 'a handshake frame after the handshake');
      case Kind.goaway:
        // This version does not act on it.
        break;
      default:
        // Ignorable kinds of later versions, and what has an id.
        if (frame[0] < Kind.hello) this.#exchange(frame, now, bytes, overtaken);
    }
  }

  #exchange(frame: ExchangeFrame, now: number, bytes: number, overtaken?: boolean): void {
    if (this.exchanges) {
      this.exchanges.take(frame, now, bytes, overtaken);
      if (frame[0] === Kind.open && !frame[4]) this.bulk?.opened(now);
    } else if (frame[0] === Kind.request || frame[0] === Kind.open)
      // The contract of this end has none; the peer says so.
      this.outputs.push([Kind.request, { request: frame, deadline: Infinity, started: true, credit: 0 }]);
  }

  #fault(error: unknown): void {
    const code = error instanceof WireError ? error.closeCode : 4400;
    this.outputs.push({ type: 'fault', code, reason: (error as Error).message });
  }

  #tellHealth(): void {
    const { latency, degraded } = this.#heartbeat as Heartbeat;
    this.outputs.push({ type: 'measured', latency, degraded });
  }
}
