import { explain } from '../shared/explain.ts';
import type { SendItem } from '../session/send-item.ts';
import type { Encoded } from '../wire/codec.ts';
import { isId, malformed } from '../wire/field.ts';
import { isSequenced } from '../wire/frame-kind.ts';
import { Kind, type Frame, type Packet, type TopicFrame, type UnknownFrame } from '../wire/frame.ts';
import { parsePacket, type FrameChecks } from '../wire/parse-packet.ts';
import { WireError } from '../wire/wire-error.ts';
import type { SocketRoom } from './endpoint-io.ts';
import type { Attachment, Remains } from './endpoint-options.ts';
import type { Heartbeat } from './heartbeat.ts';
import { Outbox } from './outbox.ts';

/**
 * One end of a session, without role, socket or clock; when the session is over the next one begins in its place.
 *
 * It carries messages and, where they are plugged in, topics; {@link BulkEndpoint} adds the rest. After any call that may
 * have queued something the caller takes {@link Endpoint.outputs} from the front until there are none, transmits
 * {@link Endpoint.nextPacket} until `undefined` or until `urgency` is 0, and arms its timer for {@link Endpoint.deadline};
 * when that has come it calls {@link Endpoint.handleTimeout}.
 */
export class Endpoint extends Outbox implements FrameChecks {
  #heartbeat: Heartbeat | undefined;
  /** Whether a round trip was asked for. */
  #measured = false;

  /** What this end understands beyond version 1.0, for the handshake. */
  get caps(): string[] {
    return [];
  }

  /** Whether anything waits for the other side. */
  get busy(): boolean {
    return this.outstanding > 0;
  }

  /**
   * Queues one-way data; encoded here, once.
   *
   * @throws HawserError `QUEUE_FULL`, `TOO_LARGE`, `INVALID_INPUT`
   */
  send(name: string, data: unknown): void {
    this.post('message', name, [Kind.message, name, data]);
  }

  /**
   * A handshake is done: replays what the peer lacks, then goes on.
   *
   * @throws WireError 4400 when the peer's position is impossible
   */
  attach(attachment: Attachment, now: number): void {
    const { peerReceived, peerAccepts, heartbeat } = attachment;
    if (this.over || !this.session.resume(peerReceived)) throw malformed(explain && 'impossible position');
    this.session.ackSent();
    this.reset(true);
    this.#heartbeat = heartbeat;
    this.#measured = heartbeat.initiates;
    this.limit(attachment, now);
    this.topics?.attached(peerAccepts);
  }

  /** The connection is gone; true when one message keeps closing it. @param code - its close code */
  detach(code: number): boolean {
    this.#heartbeat = undefined;
    this.reset(false);
    this.topics?.detached();
    return code === 1009 && this.session.closedTooBig();
  }

  /**
   * The session is over: the next one begins, with what never left if `requeue`.
   *
   * @param _why - how it ended, which decides whether idempotent calls are asked again
   * @param _closed - whether this end is closed for good, for what waits for an answer
   */
  restart(requeue: boolean, _why?: string, _closed?: boolean): Remains {
    return this.startOver(requeue, []);
  }

  /** Takes one WebSocket message of the attached connection. Never throws on bad input: it asks for a close. */
  receive(data: Encoded, now: number): void {
    if (this.#heartbeat?.heard(now)) this.#tellHealth();
    try {
      this.read(data, now);
    } catch (error) {
      this.fault(error);
    }
  }

  fits(frame: unknown[]): boolean {
    const [kind, id] = frame;
    // What this end cannot answer is refused, not an error: contracts grow.
    return (
      ((kind === Kind.request || kind === Kind.open || kind === Kind.cancel) && isId(id)) ||
      this.topics?.fits(frame) === true
    );
  }

  /** When {@link Endpoint.handleTimeout} must be called at the latest. */
  get deadline(): number {
    return this.#heartbeat ? Math.min(this.#heartbeat.deadline, this.session.ackAt) : Infinity;
  }

  /** Does what is due; nothing when called early. */
  handleTimeout(now: number): void {
    const action = this.#heartbeat?.check(now);
    if (action === 'dead') this.outputs.push({ type: 'silent' });
    if (action !== 'ping') return;
    this.requestAck(now);
    if (this.#heartbeat?.degraded) this.#tellHealth();
  }

  override nextPacket(now: number, socket?: SocketRoom): Encoded | undefined {
    // The first ping rides on what leaves anyway: to connect costs no packet for it.
    const { size, ackAt } = this.session;
    if (!this.#measured && this.attached && (size || now >= ackAt)) {
      this.#measured = true;
      this.requestAck(now);
    }
    return super.nextPacket(now, socket);
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
    this.acknowledge(ack, now);
    let seq = first;
    for (const frame of frames) {
      if (isSequenced(frame[0])) {
        const isNew = this.session.accept(seq);
        seq += 1;
        if (!isNew) continue;
      }
      this.dispatch(frame as Frame, now, bytes / frames.length);
    }
    if (first !== 0) this.session.oweAck(bytes, now);
  }

  /** Begins the next session, with what is `again` to be sent (ids must grow, and those that left have the smaller ones). */
  protected startOver(requeue: boolean, again: readonly SendItem[]): Remains {
    const { session } = this;
    const { unsent } = this;
    const unknown = session.unacknowledged();
    this.detach(0);
    this.renew(requeue ? [...again, ...unsent] : again);
    return { acked: session.acked, unknown, unsent };
  }

  /** Reads one WebSocket message. @throws WireError when it fits nothing */
  protected read(data: Encoded, now: number): void {
    const { codec, accepts } = this.options;
    // A character takes at most three bytes, so most packets need no count.
    if (data.length * 3 > accepts.frame && codec.byteLength(data) > accepts.frame)
      throw new WireError(4413, explain ? `over ${accepts.frame} bytes` : '');
    this.take(parsePacket(codec.decode(data), this), data.length, now);
  }

  /** The peer says how far it has received. */
  protected acknowledge(ack: number, _now: number): void {
    if (!this.session.acknowledge(ack)) throw malformed(explain && 'an ack beyond what was sent');
  }

  protected dispatch(frame: Frame, now: number, bytes: number): void {
    switch (frame[0]) {
      case Kind.message:
      case Kind.volatile:
        this.outputs.push(frame);
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
        this.other(frame, now, bytes);
    }
  }

  /** Takes a frame that is neither a message nor about the connection. */
  protected other(frame: Frame, _now: number, _bytes: number): void {
    const [kind, id] = frame as UnknownFrame;
    if (kind < Kind.hello) {
      // It may come before the refusal of what it cancels is there.
      if (kind !== Kind.cancel)
        this.post('reply', '', [
          Kind.error,
          id as number,
          'UNIMPLEMENTED',
          explain ? 'Nothing is answered at the other end.' : '',
        ]);
    }
    // Ignorable kinds of later versions are between the two.
    else if (kind < 64) this.topics?.take(frame as TopicFrame);
  }

  protected fault(error: unknown): void {
    const code = error instanceof WireError ? error.closeCode : 4400;
    this.outputs.push({ type: 'fault', code, reason: (error as Error).message });
  }

  #tellHealth(): void {
    const { latency, degraded } = this.#heartbeat as Heartbeat;
    this.outputs.push({ type: 'measured', latency, degraded });
  }
}
