import type { SystemError } from '../shared/errors.ts';
import { browserOnly } from '../shared/platform.ts';
import { Bulk } from '../messaging/bulk.ts';
import { inlineFor, smallestFrame } from '../messaging/bulk-sender.ts';
import type { Exchanges } from '../messaging/exchanges.ts';
import type { SendItem } from '../session/send-item.ts';
import type { Encoded } from '../wire/codec.ts';
import { Kind, type ExchangeFrame, type Frame, type WireLimits } from '../wire/frame.ts';
import { inlineLimit, maxUnfinished } from '../wire/limits.ts';
import type { SocketRoom } from './endpoint-io.ts';
import type { Attachment, Remains } from './endpoint-options.ts';
import { Endpoint } from './endpoint.ts';
import { fullPacket } from './outbox.ts';
import type { Lane } from './overflow.ts';

/** What an end announces that takes chunks. */
const chunkCapability = 'chunk';
/** How soon a socket is looked at again that had no room for chunks, milliseconds: none tells. */
const lookAgain = 50;

/** An endpoint for frames of any size, and for calls, streams and uploads where they are plugged in. */
export class BulkEndpoint extends Endpoint {
  /** Calls, streams and uploads; whoever needs them plugs them in. */
  exchanges: Exchanges | undefined;
  /** Most connections never need it. */
  #bulk: Bulk | undefined;
  /** What the peer takes, as of the present session. */
  #peer: WireLimits | undefined;
  /** Whether the peer may send chunks, and takes them. */
  #chunked = false;
  /** Largest frame that goes inline. */
  #mostInline = inlineLimit;
  /** Largest frame at all, as long as there is no bulk to say so. */
  #largest = Math.min(this.options.accepts.msg, maxUnfinished);
  /** A chunk that is to be transmitted again. */
  #again: SendItem | undefined;
  #lookAt = Infinity;
  /** As whom the peer knew this end last. */
  #who: string | undefined;

  override get caps(): string[] {
    return [chunkCapability];
  }

  /** Large frames and uploads. */
  get bulk(): Bulk {
    if (this.#bulk === undefined) {
      this.#bulk = new Bulk(this);
      if (this.#peer) this.#bulk.fit(this.#chunked, this.#peer, this.inline);
    }
    return this.#bulk;
  }

  override get busy(): boolean {
    return super.busy || (this.exchanges?.size ?? 0) > 0;
  }

  override get outstanding(): number {
    return super.outstanding + (this.#bulk?.queueCount ?? 0);
  }

  /** Bytes kept, those of transfers included. */
  get keptBytes(): number {
    const { replayBytes, queueBytes } = this.session;
    return replayBytes + queueBytes + (this.#bulk?.heldBytes ?? 0);
  }

  override get unsent(): SendItem[] {
    return inOrder([...super.unsent, ...(this.#bulk?.unsent() ?? [])]);
  }

  override detach(code: number): boolean {
    this.#bulk?.detach();
    return super.detach(code);
  }

  /** As of every endpoint; calls among what goes on go on, all others fail. Handlers are told to stop. */
  override restart(requeue: boolean, why?: string, closed = false): Remains {
    const { exchanges } = this;
    // Not what may be somebody else's now, what may be the poison, or what the application ended itself.
    const retry = /unknown|expired|overflow|policy/.test(why as string);
    const again = (retry && exchanges?.retried(requeue)) || [];
    const remains = this.startOver(requeue, again);
    exchanges?.restart(requeue ? [...again, ...remains.unsent] : again, closed);
    return remains;
  }

  /** Takes back an item that has not left completely; false when it has. */
  withdraw(item: SendItem): boolean {
    return this.session.withdraw(item) || this.#bulk?.withdraw(item) === true;
  }

  override fits(frame: unknown[]): boolean {
    const { exchanges } = this;
    return exchanges && (frame[0] as number) < Kind.hello ? exchanges.fits(frame) : super.fits(frame);
  }

  override get deadline(): number {
    const { deadline = Infinity } = this.exchanges ?? {};
    return Math.min(super.deadline, this.#lookAt, deadline, this.#bulk?.deadline ?? Infinity);
  }

  override handleTimeout(now: number): void {
    this.exchanges?.expire(now);
    try {
      this.#bulk?.expire(now);
    } catch (error) {
      this.fault(error);
    }
    super.handleTimeout(now);
  }

  /** As of every endpoint, and the chunks last. @param socket - says whether there is room for new ones */
  override nextPacket(now: number, socket?: SocketRoom): Encoded | undefined {
    // What goes out again keeps its place.
    const packet = this.#again ? undefined : super.nextPacket(now);
    const bulk = this.#bulk;
    if (packet !== undefined) {
      if (!browserOnly && bulk) this.urgency = Infinity;
      return packet;
    }
    if (!bulk || !this.attached) return undefined;
    const roomy = !socket?.congested;
    const chunk = this.#again ?? (roomy ? bulk.next(now) : undefined);
    this.#again = undefined;
    this.#lookAt = !roomy && bulk.waits ? now + lookAgain : Infinity;
    if (!browserOnly && (chunk || bulk.waits)) this.urgency = Infinity;
    if (!chunk) return undefined;
    const { ackAt, received } = this.session;
    this.session.ackSent();
    return bulk.encode(chunk, ackAt < Infinity ? received : 0, now);
  }

  /** Takes one checked frame that came in chunks. @throws WireError when it fits nothing */
  takeWhole(frame: Frame, bytes: number, now: number): void {
    // Frames that were sent later may have come before it.
    if (this.exchanges && isExchange(frame)) this.#exchange(this.exchanges, frame, now, bytes, true);
    else this.dispatch(frame, now, bytes);
  }

  protected override reset(attached: boolean): void {
    super.reset(attached);
    this.#again = undefined;
    this.#lookAt = Infinity;
  }

  protected override limit(attachment: Attachment, now: number): void {
    const { peerAccepts, caps, who } = attachment;
    this.fit(peerAccepts);
    this.#peer = peerAccepts;
    this.#chunked = caps?.includes(chunkCapability) === true;
    const takes = this.#chunked && peerAccepts.frame >= smallestFrame;
    this.#mostInline = takes ? inlineFor(peerAccepts) : Infinity;
    this.#largest = takes ? Math.min(peerAccepts.msg, maxUnfinished) : this.inline;
    this.#bulk?.attach(this.#chunked, peerAccepts, this.inline, now);
    const { exchanges } = this;
    if (exchanges) exchanges.allowed = peerAccepts.inflight;
    // The handshake acknowledges as well, and may be the last to do so for a while.
    exchanges?.freed();
    // What may have run as somebody is not asked again as somebody else.
    if (this.#who !== undefined && who !== this.#who) exchanges?.disown();
    this.#who = who;
    // What goes in chunks, and what behind it, is decided anew.
    const waiting = inOrder([...this.session.takeUnsent(), ...(this.#bulk?.takeUnsent() ?? [])]);
    super.limit(attachment, now);
    this.requeue(waiting);
  }

  protected override renew(items: readonly SendItem[]): void {
    // Whoever comes next takes chunks until it says otherwise.
    this.#peer = undefined;
    this.#mostInline = Math.min(this.#mostInline, inlineLimit);
    this.#bulk?.renew(items);
    super.renew(items);
  }

  protected override get largest(): number {
    return this.#bulk?.largest ?? this.#largest;
  }

  protected override lane(item: SendItem): Lane {
    const bulk = item.bytes > this.#mostInline ? this.bulk : this.#bulk;
    return bulk?.takes(item) ? bulk : this.session;
  }

  protected override hasRoom(item: SendItem, lane: Lane): boolean {
    // Large items are bounded whoever sends them, and so is what waits behind them.
    return this.isBulky(item, lane) ? lane.hasRoom(item.bytes) : super.hasRoom(item, lane);
  }

  protected isBulky({ kind, bytes }: SendItem, lane: Lane): boolean {
    return lane !== this.session && (kind !== 'reply' || bytes > fullPacket);
  }

  protected override withdrawn(item: SendItem, error: SystemError): void {
    const failed = this.exchanges?.fail(
      (sent) => sent === item,
      () => error,
    );
    if (!failed) super.withdrawn(item, error);
  }

  protected override nextNumbered(room: number): SendItem | undefined {
    if (this.#again) return undefined;
    const item = super.nextNumbered(room);
    if (item?.piece === undefined) return item;
    this.#again = item;
    return undefined;
  }

  protected override read(data: Encoded, now: number): void {
    // A byte no packet begins with.
    if (data[0] !== 0xc1 || !this.#chunked) return super.read(data, now);
    const complete = this.bulk.receive(data as Uint8Array, now);
    if (complete) this.takeWhole(complete[0], complete[1], now);
  }

  protected override acknowledge(ack: number, now: number): void {
    super.acknowledge(ack, now);
    this.exchanges?.freed();
    this.#bulk?.acked(now);
  }

  protected override other(frame: Frame, now: number, bytes: number): void {
    const { exchanges } = this;
    if (exchanges && isExchange(frame)) this.#exchange(exchanges, frame, now, bytes);
    else super.other(frame, now, bytes);
  }

  #exchange(exchanges: Exchanges, frame: ExchangeFrame, now: number, bytes: number, overtaken?: boolean): void {
    exchanges.take(frame, now, bytes, overtaken);
    if (frame[0] === Kind.open && !frame[4]) this.bulk.opened(now);
  }
}

/** Whether a frame that was taken is about something with an id. */
function isExchange(frame: Frame): frame is ExchangeFrame {
  return frame[0] < Kind.hello && frame[0] !== Kind.message;
}

/** As the application queued them. */
function inOrder(items: SendItem[]): SendItem[] {
  return items.sort((a, b) => a.order - b.order);
}
