import { explain } from '../shared/explain.ts';
import type { SystemError } from '../shared/errors.ts';
import { Calls } from '../messaging/calls.ts';
import type { SendItem } from '../session/send-item.ts';
import type { Encoded } from '../wire/codec.ts';
import { malformed } from '../wire/field.ts';
import { isSequenced } from '../wire/frame-kind.ts';
import { Kind, type Frame, type Packet } from '../wire/frame.ts';
import { parsePacket } from '../wire/parse-packet.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Attachment, EndpointOptions, Remains } from './endpoint-options.ts';
import { Heartbeat } from './heartbeat.ts';
import { Outbox } from './outbox.ts';

/**
 * One end of a session, without role, socket or clock; when the session is over the next one begins in its place.
 *
 * After any call that may have queued something the caller takes {@link Endpoint.outputs} from the front until there are
 * none, transmits {@link Endpoint.nextPacket} until `undefined`, and arms its timer for {@link Endpoint.deadline}; when
 * that has come it calls {@link Endpoint.handleTimeout}.
 */
export class Endpoint extends Outbox {
  /** Requests of both directions. */
  readonly calls: Calls;
  #heartbeat: Heartbeat | undefined;

  constructor(options: EndpointOptions) {
    super(options);
    this.calls = new Calls(this, options);
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
  attach({ peerReceived, peerAccepts, heartbeat, firstPing }: Attachment, now: number): void {
    if (this.over || !this.session.resume(peerReceived)) throw malformed(explain && 'impossible position');
    this.session.ackSent();
    this.reset(true);
    this.calls.allowed = peerAccepts.inflight;
    this.#heartbeat = new Heartbeat(heartbeat, firstPing, now);
    if (!this.#heartbeat.initiates) this.requestAck(now);
    this.limit(peerAccepts, (item, error) => {
      const calls = this.calls.fail(
        (sent) => sent === item,
        () => error,
      );
      if (calls === 0) this.outputs.push({ type: 'dropped', name: item.name, error });
    });
  }

  /** The connection is gone; true when one message keeps closing it. @param code - its close code */
  detach(code: number): boolean {
    this.#heartbeat = undefined;
    this.reset(false);
    return code === 1009 && this.session.closedTooBig();
  }

  /**
   * The session is over: the next one begins, with what never left if `requeue`, and the calls among that go on. All
   * others end; `error` makes their outcome, knowing whether the request had left. Handlers are told to stop.
   */
  restart(requeue: boolean, error: (name: string, left: boolean) => SystemError): Remains {
    const { session } = this;
    const reportable = (items: SendItem[]): SendItem[] => items.filter(({ kind }) => kind !== 'reply');
    const unsent = reportable(session.unsent());
    const kept = requeue ? unsent : [];
    this.detach(0);
    this.renew(kept);
    this.calls.restart(kept, error);
    return { acked: session.acked, unknown: reportable(session.unacknowledged()), unsent };
  }

  /** Takes one WebSocket message of the attached connection. Never throws on bad input: it asks for a close. */
  receive(data: Encoded, now: number): void {
    if (this.#heartbeat?.heard(now)) this.#measured();
    try {
      const { codec, accepts } = this.options;
      // A character takes at most three bytes, so most packets need no count.
      if (data.length * 3 > accepts.frame && codec.byteLength(data) > accepts.frame)
        throw new WireError(4413, explain ? `over ${accepts.frame} bytes` : '');
      this.#take(parsePacket(codec.decode(data)), data.length, now);
    } catch (error) {
      const code = error instanceof WireError ? error.closeCode : 4400;
      this.outputs.push({ type: 'fault', code, reason: (error as Error).message });
    }
  }

  /** When {@link Endpoint.handleTimeout} must be called at the latest. */
  get deadline(): number {
    const { deadline } = this.calls;
    return this.#heartbeat === undefined ? deadline : Math.min(deadline, this.#heartbeat.deadline, this.session.ackAt);
  }

  /** Does what is due; nothing when called early. */
  handleTimeout(now: number): void {
    this.calls.expire(now);
    const action = this.#heartbeat?.check(now);
    if (action === 'dead') this.outputs.push({ type: 'silent' });
    if (action !== 'ping') return;
    this.requestAck(now);
    if (this.#heartbeat?.degraded) this.#measured();
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

  #take({ seq: first, ack, frames }: Packet, bytes: number, now: number): void {
    if (!this.session.acknowledge(ack)) throw malformed(explain && 'an ack beyond what was sent');
    let seq = first;
    for (const frame of frames) {
      if (isSequenced(frame[0])) {
        const isNew = this.session.accept(seq);
        seq += 1;
        if (!isNew) continue;
      }
      this.#dispatch(frame as Frame, now);
    }
    if (first !== 0) this.session.oweAck(bytes, now);
  }

  #dispatch(frame: Frame, now: number): void {
    switch (frame[0]) {
      case Kind.message:
      case Kind.volatile:
        this.outputs.push(frame);
        break;
      case Kind.request:
        this.calls.requested(frame, now);
        break;
      case Kind.result:
      case Kind.error:
        this.calls.answered(frame);
        break;
      case Kind.cancel:
        this.calls.cancelled(frame[1]);
        break;
      case Kind.ping:
        this.addControl([Kind.pong, frame[1] ?? 0]);
        if (!this.#heartbeat?.initiates) this.requestAck(now);
        break;
      case Kind.pong:
        if (this.#heartbeat?.ponged(frame[1] ?? 0, now)) this.#measured();
        break;
      case Kind.hello:
      case Kind.welcome:
      case Kind.reject:
        throw malformed(explain && 'a handshake frame after the handshake');
      default:
      // Ignorable kinds of later versions, and notices this version does not act on.
    }
  }

  #measured(): void {
    const { latency, degraded } = this.#heartbeat as Heartbeat;
    this.outputs.push({ type: 'measured', latency, degraded });
  }
}
