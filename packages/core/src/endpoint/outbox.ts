import type { SystemError } from '../shared/errors.ts';
import { browserOnly } from '../shared/platform.ts';
import type { TopicItem, TopicPort } from '../messaging/topic-port.ts';
import type { SendItem, SendItemKind } from '../session/send-item.ts';
import { Session } from '../session/session.ts';
import type { Encoded } from '../wire/codec.ts';
import { Kind, type Frame, type WireLimits } from '../wire/frame.ts';
import type { EndpointOutput, SocketRoom } from './endpoint-io.ts';
import type { Attachment, EndpointOptions } from './endpoint-options.ts';
import { queueFull, slowConsumer, tooLarge, type Lane } from './overflow.ts';

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
  /**
   * Bytes of one-way data that wait, `Infinity` when there is or may be anything that must not; 0 after a packet only
   * when the next one would be none. Not kept up in bundles for browsers. For reading.
   */
  declare urgency: number;
  /** Largest frame a packet to the peer can hold, bytes; this end's own limit until the peer has told. */
  protected inline = 0;
  #control: SendItem[] = [];
  #volatile: SendItem[] = [];
  #volatileBytes = 0;
  #order = 0;

  constructor(options: EndpointOptions) {
    this.options = options;
    this.session = new Session(options.keeps);
    if (!browserOnly) this.urgency = Infinity;
    this.fit(options.accepts);
  }

  /** Sequenced frames that are not acknowledged yet, written or not. */
  get outstanding(): number {
    return this.session.size;
  }

  /** Messages and calls that were never transmitted, oldest first. */
  get unsent(): SendItem[] {
    return this.session.unsent();
  }

  /** Encodes and queues a frame. @throws HawserError `QUEUE_FULL`, `TOO_LARGE`, `INVALID_INPUT` */
  post(kind: SendItemKind, name: string, frame: Frame): SendItem {
    return this.queue(kind, name, this.#encode(frame), frame[1] as string | number);
  }

  /** Queues an encoded frame as the overflow policy says. @throws HawserError `QUEUE_FULL`, `TOO_LARGE` */
  queue(kind: SendItemKind, name: string, encoded: Encoded, key: string | number = name): SendItem {
    const { overflow, keeps } = this.options;
    const item = this.#item(kind, name, encoded, key, this.largest);
    const lane = this.lane(item);
    // A reply is owed to the other side; their number is bounded by the calls in flight.
    while (this.over ? kind !== 'reply' : !this.hasRoom(item, lane)) {
      // What is taken silently while the session ends would be in no account of what was lost.
      if (this.over || !overflow.startsWith('drop') || kind !== 'message') throw queueFull(item, lane, keeps);
      const victim = (overflow === 'drop-oldest' && lane.dropOldest()) || item;
      this.outputs.push({ type: 'dropped', name: victim.name, error: queueFull(victim, lane, keeps) });
      if (victim === item) return item;
    }
    if (this.over) return item;
    lane.push(item);
    if (!browserOnly) this.urgency += kind === 'message' ? item.bytes : Infinity;
    if (lane.overfull || this.session.overfull) {
      // Decided here and now: a session that cannot be replayed must not hold memory (rule 9).
      this.over = true;
      this.outputs.push({ type: 'lost', why: 'overflow' }, slowConsumer);
    }
    return item;
  }

  addControl(frame: Frame): void {
    if (!browserOnly) this.urgency = Infinity;
    if (this.#control.length < maxControl) this.#control.push(this.#item('reply', '', this.#encode(frame), ''));
  }

  /** Sends data that may be lost: at once while attached, else never. @throws HawserError `TOO_LARGE`, `INVALID_INPUT` */
  sendVolatile(name: string, data: unknown): void {
    if (!this.attached) return;
    const item = this.#item('message', name, this.#encode([Kind.volatile, name, data]), name);
    if (this.#volatileBytes + item.bytes > maxVolatileBytes) return;
    this.#volatile.push(item);
    this.#volatileBytes += item.bytes;
    if (!browserOnly) this.urgency += item.bytes;
  }

  /**
   * The next packet to write now: control first, then the session's frames in order, then topics, then volatile ones;
   * `undefined` when there is none.
   *
   * @param _socket - says whether there is room for new chunks, for ends that send them
   */
  nextPacket(now: number, _socket?: SocketRoom): Encoded | undefined {
    const { session } = this;
    const { ackAt, received } = session;
    const most = Math.min(fullPacket, this.inline);
    const frames: Encoded[] = [];
    let seq = 0;
    let last = -1;
    let bytes = 0;
    while (this.attached && frames.length < maxFrames) {
      // A frame that is alone leaves whatever its size: it was checked when it was queued.
      const room = frames.length === 0 ? Infinity : most - bytes;
      const item: SendItem | TopicItem | undefined =
        this.#control.shift() ?? this.nextNumbered(room) ?? this.topics?.next(room) ?? this.#nextVolatile(room);
      if (item === undefined) break;
      frames.push(item.encoded);
      // Text has a comma between frames.
      bytes += item.bytes + 1;
      seq ||= item.seq;
      if (!browserOnly) last = item.seq || last;
    }
    if (frames.length === 0) {
      // What waits although it could be written waits for room, and must have it when it comes.
      if (!browserOnly) this.urgency = session.queueBytes && Infinity;
      if (!this.attached || now < ackAt) return undefined;
    }
    // Saves asking again where nothing more can be there; what the peer still lacks has a later number.
    if (!browserOnly) {
      const { topics } = this;
      const all = last === session.lastSeq && !session.queueBytes && !this.#volatileBytes && !topics?.waits;
      this.urgency = all ? 0 : Infinity;
    }
    // Every packet says how far this end has received, so it settles what was owed.
    session.ackSent();
    return this.options.codec.encodePacket(seq, ackAt < Infinity ? received : 0, frames);
  }

  /** A connection begins or ended: nothing unsequenced survives it. */
  protected reset(attached: boolean): void {
    this.attached = attached;
    if (!browserOnly) this.urgency = Infinity;
    this.#control = [];
    this.#volatile = [];
    this.#volatileBytes = 0;
  }

  /** The peer told what it takes: withdraws what it will not take. */
  protected limit({ peerAccepts }: Attachment, _now: number): void {
    this.fit(peerAccepts);
    this.requeue(this.session.takeUnsent());
  }

  /** Queues what was taken out, as far as the peer takes it. */
  protected requeue(items: readonly SendItem[]): void {
    const { largest } = this;
    for (const item of items) {
      if (item.bytes > largest) this.withdrawn(item, tooLarge(item, largest));
      else this.lane(item).push(item);
    }
  }

  /** A new session begins, with these items. */
  protected renew(items: readonly SendItem[]): void {
    this.over = false;
    this.session = new Session(this.options.keeps);
    this.requeue(items);
  }

  /** Largest sequenced frame that can be sent, bytes. */
  protected get largest(): number {
    return this.inline;
  }

  /** Where an item waits. */
  protected lane(_item: SendItem): Lane {
    return this.session;
  }

  /** Whether one more item may wait there. */
  protected hasRoom({ kind, bytes }: SendItem, lane: Lane): boolean {
    return kind === 'reply' || lane.hasRoom(bytes);
  }

  /** The peer does not take an item that waits. */
  protected withdrawn({ name }: SendItem, error: SystemError): void {
    this.outputs.push({ type: 'dropped', name, error });
  }

  /** The next frame of the session. */
  protected nextNumbered(room: number): SendItem | undefined {
    return this.session.next(room);
  }

  protected fit({ msg, frame }: WireLimits): void {
    this.inline = Math.min(msg, frame - packetOverhead);
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

  #item(
    kind: SendItemKind,
    name: string,
    encoded: Encoded,
    key: string | number,
    largest: number = this.inline,
  ): SendItem {
    this.#order += 1;
    const bytes = this.options.codec.byteLength(encoded);
    const item: SendItem = { kind, name, key, order: this.#order, bytes, encoded, seq: 0 };
    if (bytes > largest) throw tooLarge(item, largest);
    return item;
  }
}
