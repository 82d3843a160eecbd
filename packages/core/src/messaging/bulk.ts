import { explain } from '../shared/explain.ts';
import type { SendItem } from '../session/send-item.ts';
import { parseChunk } from '../wire/chunk.ts';
import { malformed } from '../wire/field.ts';
import type { Frame, WireLimits } from '../wire/frame.ts';
import { parsePacket } from '../wire/parse-packet.ts';
import type { BulkRoute } from './bulk-route.ts';
import { BulkReceiver } from './bulk-receiver.ts';
import { BulkSender } from './bulk-sender.ts';

/** Large frames and uploads, in chunks, of both directions over one session; `protocol/README.md` section 4.4. */
export class Bulk extends BulkSender {
  readonly #route: BulkRoute;
  readonly #receiver: BulkReceiver;

  constructor(route: BulkRoute) {
    super(route);
    this.#route = route;
    this.#receiver = new BulkReceiver(route);
  }

  /** What is kept of large frames and uploads, in both directions, bytes. */
  get heldBytes(): number {
    const { held, unread } = this.#receiver;
    return this.queueBytes + held + unread;
  }

  /** When {@link Bulk.expire} must be called at the latest. */
  get deadline(): number {
    return this.#receiver.deadline;
  }

  /**
   * A connection begins.
   *
   * @param inline - largest frame that fits a packet of the peer
   * @throws WireError 4400 when the peer no longer takes chunks in the middle of a session
   */
  attach(takesChunks: boolean, accepts: WireLimits, inline: number, now: number): void {
    this.fit(takesChunks, accepts, inline);
    this.#receiver.attach(now);
  }

  /** The connection is gone. */
  detach(): void {
    this.#receiver.detach();
  }

  override renew(kept: readonly SendItem[]): void {
    super.renew(kept);
    this.#receiver.renew();
  }

  /**
   * Takes a chunk; returns the frame that is complete with it, and about what it took on the wire.
   *
   * @throws WireError
   */
  receive(data: Uint8Array, now: number): readonly [frame: Frame, bytes: number] | undefined {
    const { session, options } = this.#route;
    const chunk = parseChunk(data);
    if (!session.acknowledge(chunk.ack)) throw malformed(explain && 'an ack beyond what was sent');
    this.acked(now);
    this.#route.exchanges?.freed();
    const isNew = session.accept(chunk.seq);
    session.oweAck(data.length, now);
    const encoded = isNew ? this.#receiver.take(chunk, now) : undefined;
    if (encoded === undefined) return undefined;
    // As the only frame of a packet, so that everything is checked that is checked in a packet.
    const { codec } = options;
    const { frames } = parsePacket(codec.decode(codec.encodePacket(1, 0, [encoded])), this.#route);
    if (frames.length !== 1) throw malformed(explain && 'not one frame');
    return [frames[0] as Frame, encoded.length];
  }

  /** An upload of the other side opened. @throws WireError 4413 when there are too many */
  opened(now: number): void {
    this.#receiver.opened(now);
  }

  /** Gives up what brings nothing any more. @throws WireError 4400 when that is a frame */
  expire(now: number): void {
    this.#receiver.expire(now);
  }
}
