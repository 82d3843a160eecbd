import type { SystemError } from '../shared/errors.ts';
import type { BulkPort } from '../messaging/bulk-port.ts';
import type { TopicPort } from '../messaging/topic-port.ts';
import type { SendItem, SendItemKind } from '../session/send-item.ts';
import { Session } from '../session/session.ts';
import type { Encoded } from '../wire/codec.ts';
import { Kind, type Frame, type WireLimits } from '../wire/frame.ts';
import type { EndpointOutput } from './endpoint-io.ts';
import type { EndpointOptions } from './endpoint-options.ts';
import { queueFull, tooLarge, type Lane } from './overflow.ts';

/** A packet is closed when it holds this many frames or bytes: a heartbeat behind it must not wait long. */
export const maxFrames: number = 128;
export const fullPacket: number = 16_384;
/** More control frames than this in one go are a flood of the other side's making; the rest goes unanswered. */
const maxControl = 16;
/** Volatile frames that may wait for one flush, bytes. */
const maxVolatileBytes = 262_144;
/** The most that two numbers and what encloses them take in a packet, bytes. */
const packetOverhead = 48;

/** The sending half of an endpoint: encoding, size limits, overflow policy, and what leaves together in one packet. */
export class Outbox {
  readonly options: EndpointOptions;
  /** What the application and the driver are to be told, oldest first. */
  readonly outputs: EndpointOutput[] = [];
  /** The present session; for reading. */
  session: Session;
  /** Whether packets may leave; for reading. */
  attached = false;
  /** Topics; whoever needs them plugs them in. */
  topics: TopicPort | undefined;
  /** Whether the session must be given up, because it holds more than may be kept: nothing is taken any more. */
  over = false;
  /** Chunks; whoever needs them plugs them in. */
  bulk: BulkPort | undefined;
  /** Largest frame a packet to the peer can hold, bytes; this end's own limit until the peer has told. */
  #largest = 0;
  /** Bytes of frames that may share one packet. */
  #room = fullPacket;
  #control: SendItem[] = [];
  #volatile: SendItem[] = [];
  #volatileBytes = 0;
  #order = 0;

  constructor(options: EndpointOptions) {
    this.options = options;
    this.session = new Session(options.keeps);
    this.#fit(options.accepts);
  }

  /** Sequenced frames that are not acknowledged yet, written or not. */
  get outstanding(): number {
    return this.session.size + (this.bulk?.unsent().length ?? 0);
  }

  /** Bytes kept, those of transfers included. */
  get keptBytes(): number {
    const { replayBytes, queueBytes } = this.session;
    return replayBytes + queueBytes + (this.bulk?.heldBytes ?? 0);
  }

  /** Frames that were never transmitted, oldest first. */
  get unsent(): SendItem[] {
    return inOrder([...this.session.unsent(), ...(this.bulk?.unsent() ?? [])]);
  }

  /** A connection begins or ended: nothing unsequenced survives it. */
  reset(attached: boolean): void {
    this.attached = attached;
    this.#control = [];
    this.#volatile = [];
    this.#volatileBytes = 0;
  }

  /** The peer told what it takes: withdraws what it will not take, and tells of each item. */
  limit(
    accepts: WireLimits,
    takesChunks: boolean,
    now: number,
    withdrawn: (item: SendItem, error: SystemError) => void,
  ): void {
    this.#fit(accepts);
    this.bulk?.attach(takesChunks, accepts, this.#largest, now);
    const { largest = this.#largest } = this.bulk ?? {};
    // What goes in chunks, and what behind it, is decided anew.
    for (const item of inOrder([...this.session.takeUnsent(), ...(this.bulk?.takeUnsent() ?? [])])) {
      if (item.bytes > largest) withdrawn(item, tooLarge(item, largest));
      else this.#lane(item).push(item);
    }
  }

  /** A new session begins, with these items. */
  renew(items: readonly SendItem[]): void {
    this.over = false;
    this.session = new Session(this.options.keeps);
    this.bulk?.renew(items);
    for (const item of items) this.#lane(item).push(item);
  }

  /** Takes back an item that has not left completely; false when it has. */
  withdraw(item: SendItem): boolean {
    return this.session.withdraw(item) || this.bulk?.withdraw(item) === true;
  }

  /** Encodes and queues a frame. @throws HawserError `QUEUE_FULL`, `TOO_LARGE`, `INVALID_INPUT` */
  post(kind: SendItemKind, name: string, frame: Frame): SendItem {
    return this.queue(kind, name, this.#encode(frame), frame[1] as string | number);
  }

  /** Queues an encoded frame as the overflow policy says. @throws HawserError `QUEUE_FULL`, `TOO_LARGE` */
  queue(kind: SendItemKind, name: string, encoded: Encoded, key: string | number = name): SendItem {
    const { session } = this;
    const { overflow } = this.options;
    const item = this.#item(kind, name, encoded, key, this.bulk?.largest);
    const lane = this.#lane(item);
    // Large items are bounded whoever sends them, and so is what waits behind them.
    const tight = lane !== session && (kind !== 'reply' || item.bytes > fullPacket);
    // A reply is owed to the other side; their number is bounded by the calls in flight.
    while (
      (kind !== 'reply' || tight) &&
      (this.over || ((overflow !== 'disconnect' || tight) && !lane.hasRoom(item.bytes)))
    ) {
      // What is taken silently while the session ends would be in no account of what was lost.
      if (this.over || !overflow.startsWith('drop') || kind !== 'message') throw queueFull(item, lane, session.limits);
      const victim = (overflow === 'drop-oldest' && lane.dropOldest()) || item;
      this.outputs.push({ type: 'dropped', name: victim.name, error: queueFull(victim, lane, session.limits) });
      if (victim === item) return item;
    }
    if (this.over) return item;
    lane.push(item);
    // What waits here could not be written because nothing is acknowledged. Half the room is left for the time away.
    const { queueCount, queueBytes, limits } = session;
    const slow = queueCount * 2 > limits.queueCount || queueBytes * 2 > limits.queueBytes;
    if (session.overfull || this.bulk?.overfull) {
      // Decided here and now: a session that cannot be replayed must not hold memory (rule 9).
      this.over = true;
      this.outputs.push({ type: 'lost', why: 'overflow' }, slowConsumer);
    } else if (slow && overflow === 'disconnect' && this.attached) {
      this.attached = false;
      this.outputs.push(slowConsumer);
    }
    return item;
  }

  addControl(frame: Frame): void {
    if (this.#control.length < maxControl) this.#control.push(this.#item('reply', '', this.#encode(frame), ''));
  }

  /** Sends data that may be lost: at once while attached, else never. @throws HawserError `TOO_LARGE`, `INVALID_INPUT` */
  sendVolatile(name: string, data: unknown): void {
    if (!this.attached) return;
    const item = this.#item('message', name, this.#encode([Kind.volatile, name, data]), name);
    if (this.#volatileBytes + item.bytes > maxVolatileBytes) return;
    this.#volatile.push(item);
    this.#volatileBytes += item.bytes;
  }

  /**
   * The next packet to write now: control first, then the session's frames in order, then topics, then volatile ones, then
   * chunks; `undefined` when there is none.
   *
   * @param roomy - whether the socket has room for new chunks
   */
  nextPacket(now: number, roomy: boolean = true): Encoded | undefined {
    const { session } = this;
    const { ackAt, received } = session;
    const ack = ackAt < Infinity ? received : 0;
    const frames: Encoded[] = [];
    let chunk: SendItem | undefined;
    let seq = 0;
    let bytes = 0;
    while (this.attached && frames.length < maxFrames) {
      // A frame that is alone leaves whatever its size: it was checked when it was queued.
      const room = frames.length === 0 ? Infinity : this.#room - bytes;
      const item = this.#control.shift() ?? session.next(room) ?? this.topics?.next(room) ?? this.#nextVolatile(room);
      if (item?.whole !== undefined) chunk = item;
      if (item === undefined || chunk) break;
      frames.push(item.encoded);
      // Text has a comma between frames.
      bytes += item.bytes + 1;
      seq ||= item.seq;
    }
    if (frames.length === 0) {
      if (this.attached && roomy) chunk ??= this.bulk?.next(now);
      if (!chunk && !(this.attached && now >= ackAt)) return undefined;
    }
    // Every packet says how far this end has received, so it settles what was owed.
    session.ackSent();
    return (chunk && this.bulk?.encode(chunk, ack, now)) ?? this.options.codec.encodePacket(seq, ack, frames);
  }

  #encode(frame: Frame): Encoded {
    return this.options.codec.encodeFrame(frame);
  }

  #nextVolatile(room: number): SendItem | undefined {
    const [head] = this.#volatile;
    if (head === undefined || head.bytes > room) return undefined;
    this.#volatileBytes -= head.bytes;
    return this.#volatile.shift();
  }

  /** Where an item waits. */
  #lane(item: SendItem): Lane {
    return this.bulk?.takes(item) ? this.bulk : this.session;
  }

  #fit({ msg, frame }: WireLimits): void {
    this.#largest = Math.min(msg, frame - packetOverhead);
    this.#room = Math.min(fullPacket, frame - packetOverhead);
  }

  #item(
    kind: SendItemKind,
    name: string,
    encoded: Encoded,
    key: string | number,
    largest: number = this.#largest,
  ): SendItem {
    this.#order += 1;
    const bytes = this.options.codec.byteLength(encoded);
    const item: SendItem = { kind, name, key, order: this.#order, bytes, encoded, seq: 0 };
    if (bytes > largest) throw tooLarge(item, largest);
    return item;
  }
}

/** As the application queued them. */
function inOrder(items: SendItem[]): SendItem[] {
  return items.sort((a, b) => a.order - b.order);
}

const slowConsumer: EndpointOutput = { type: 'fault', code: 4541, reason: 'slow consumer' };
