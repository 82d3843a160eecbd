import { explain } from '../shared/explain.ts';
import { systemError } from '../shared/errors.ts';
import { isReported } from '../session/send-buffer.ts';
import type { SendItem } from '../session/send-item.ts';
import { encodeChunk, first, givenUp, last, ofFrame } from '../wire/chunk.ts';
import { malformed } from '../wire/field.ts';
import type { WireLimits } from '../wire/frame.ts';
import { inlineLimit, maxUnfinished } from '../wire/limits.ts';
import type { BulkRoute } from './bulk-route.ts';
import { BulkWindow } from './bulk-window.ts';
import { keysOf, Line, type ChunkItem, type FrameTransfer, type UploadTransfer } from './bulk-transfer.ts';
import type { OutgoingExchange } from './exchange.ts';

/** Bytes of a frame in one chunk. */
const usualChunk = 16_384;
/** Frames in turn at once; with the uploads there are fewer than the peer takes, whatever overtakes what. */
const maxFrames = 4;
/** A peer that takes less than this in one message gets no chunks: they would be too small to be cut in two. */
export const smallestFrame: number = 4_096;
/** Room for the packet around the largest frame of a peer that takes little. */
const packetHead = 1_024;

/** Largest frame that goes inline to a peer that takes chunks. */
export function inlineFor({ frame }: WireLimits): number {
  return Math.min(inlineLimit, frame - packetHead);
}

/** The sending half of {@link Bulk}: what is cut, in which turn it leaves, and how much may be unacknowledged. */
export class BulkSender {
  /** Largest sequenced frame that can be sent now, bytes; for reading. */
  largest: number;
  /** Bytes kept until they are acknowledged; for reading. */
  queueBytes = 0;
  window: BulkWindow = new BulkWindow();
  readonly #route: BulkRoute;
  /** Whether the peer takes chunks: believed until it has told, then fixed for the session. */
  #takesChunks = true;
  #told = false;
  /** Largest frame that goes inline, and largest chunk. */
  #inline = inlineLimit;
  #chunk = usualChunk;
  #lastId = 0;
  /** Frames that have not begun, in order. */
  readonly #waiting = new Set<SendItem>();
  /** Those of them that nothing of the same key is before. */
  readonly #ready = new Line();
  /** What came this way once stays on it: what overtook it may have a larger id, and inline ids only grow. */
  readonly #overtaken = new WeakSet<SendItem>();
  /** What has begun, the next in turn first. */
  #active: (FrameTransfer | UploadTransfer)[] = [];
  /** The frames of each key that wait or have begun. */
  readonly #lines = new Map<string | number, Line>();
  /** Numbers of frames that were given up half-way. */
  #givenUp: number[] = [];
  /** Numbered and not acknowledged, oldest first. */
  #sent: ChunkItem[] = [];
  #sentBytes = 0;

  constructor(route: BulkRoute) {
    this.#route = route;
    this.largest = Math.min(route.options.accepts.msg, maxUnfinished);
  }

  /** Whether something waits to leave. */
  get waits(): boolean {
    return this.#waiting.size + this.#active.length + this.#givenUp.length > 0;
  }

  /** Frames that have not left completely. */
  get queueCount(): number {
    return this.#active.filter(({ pieces }) => !pieces).length + this.#waiting.size;
  }

  /** Small replies are always taken, so there may be more than may be kept. */
  get overfull(): boolean {
    const { largeBytes, queueCount } = this.#route.options.keeps;
    return this.queueBytes > 2 * largeBytes || this.#waiting.size > 2 * queueCount;
  }

  /** Whether a frame must go this way: it is large, or it belongs behind one that is, or did when it was queued. */
  takes(item: SendItem): boolean {
    const { bytes, kind, key, name } = item;
    const behind = this.#lines.has(key) || (kind !== 'reply' && this.#lines.has(name));
    return this.#takesChunks && (bytes > this.#inline || behind || this.#overtaken.has(item));
  }

  /** Whether one more of this size may be kept. */
  hasRoom(bytes: number): boolean {
    const { largeBytes, queueCount } = this.#route.options.keeps;
    return this.queueBytes + bytes <= largeBytes && this.#waiting.size < queueCount;
  }

  push(item: SendItem): void {
    this.queueBytes += item.bytes;
    this.#waiting.add(item);
    this.#overtaken.add(item);
    for (const key of keysOf(item)) {
      const line = this.#lines.get(key) ?? new Line();
      this.#lines.set(key, line.add(item));
    }
    this.#settle(item);
  }

  /** Takes back the oldest message that has not begun to leave. */
  dropOldest(): SendItem | undefined {
    for (const item of this.#waiting) if (item.kind === 'message' && this.withdraw(item)) return item;
    return undefined;
  }

  /** Takes back a frame that has not left completely; false when it has. */
  withdraw(item: SendItem): boolean {
    const waited = this.#waiting.delete(item);
    const begun = this.#active.find((one): one is FrameTransfer => !one.pieces && one.item === item);
    if (begun) {
      this.#drop(begun);
      // Who has not heard of it need not forget it.
      if (begun.offset > 0) this.#givenUp.push(begun.id);
      this.queueBytes -= item.bytes - begun.offset;
    } else if (waited) {
      this.#ready.delete(item);
      this.queueBytes -= item.bytes;
    } else return false;
    this.#leave(item);
    return true;
  }

  /** Messages and calls that have not left completely, oldest first. */
  unsent(): SendItem[] {
    const begun = this.#active.flatMap((transfer) => (transfer.pieces ? [] : transfer.item));
    return [...begun, ...this.#waiting].filter(isReported);
  }

  /** Takes out the frames that have not begun to leave. */
  takeUnsent(): SendItem[] {
    const waiting = [...this.#waiting];
    for (const item of waiting) this.withdraw(item);
    return waiting;
  }

  /** The peer told what it takes. @throws WireError 4400 when it changed its mind within a session */
  fit(takesChunks: boolean, accepts: WireLimits, inline: number): void {
    const { msg, frame } = accepts;
    const takes = takesChunks && frame >= smallestFrame;
    if (this.#told && this.#takesChunks !== takes) throw malformed(explain && 'capabilities changed within a session');
    this.#told = true;
    this.#takesChunks = takes;
    this.#inline = inlineFor(accepts);
    this.#chunk = Math.min(usualChunk, frame - packetHead);
    this.largest = takes ? Math.min(msg, maxUnfinished) : inline;
    // Another connection is another way through the network.
    this.window = new BulkWindow();
    this.acked();
    if (takes) return;
    for (const transfer of this.#active) if (transfer.pieces) this.#refuse(transfer);
  }

  /** A new session begins; only uploads whose open is among these items go on. */
  renew(kept: readonly SendItem[]): void {
    this.#told = false;
    this.#takesChunks = true;
    this.takeUnsent();
    this.#givenUp = [];
    this.#sent = [];
    this.#sentBytes = this.queueBytes = this.#lastId = 0;
    this.#lines.clear();
    this.#active = this.#active.filter((transfer) => {
      if (!transfer.pieces) return false;
      const { pieces, exchange } = transfer;
      const goesOn = kept.includes(exchange.item);
      // What is closed later must not be taken off what counts from here on.
      if (!goesOn) pieces.length = 0;
      for (const { length } of pieces) this.queueBytes += length;
      return goesOn;
    });
  }

  /** Bytes of this upload may come as soon as its open has left. @throws HawserError `UNIMPLEMENTED` */
  open(exchange: OutgoingExchange): UploadTransfer {
    const transfer: UploadTransfer = { exchange, pieces: [], ahead: 0, fresh: undefined, ended: false };
    this.#active.push(transfer);
    if (!this.#takesChunks) this.#refuse(transfer);
    return transfer;
  }

  /** Hands over bytes; they are neither copied nor may they change. */
  give(transfer: UploadTransfer, bytes: Uint8Array, ended: boolean): void {
    const { length } = bytes;
    transfer.pieces.push(bytes);
    transfer.ended = ended;
    transfer.ahead += length;
    transfer.exchange.credit -= length;
    this.queueBytes += length;
  }

  /** No more of this upload leaves. */
  close(transfer: UploadTransfer): void {
    for (const { length } of transfer.pieces.splice(0)) this.queueBytes -= length;
    this.#drop(transfer);
  }

  /** Forgets what was acknowledged; tells uploads. @param now - absent when it says nothing about the round trip */
  acked(now?: number): void {
    const { firstSeq } = this.#route.session;
    let bytes = 0;
    let count = 0;
    let sentAt = 0;
    for (const chunk of this.#sent) {
      if (chunk.seq >= firstSeq) break;
      const { upload, piece } = chunk;
      count += 1;
      bytes += piece.length;
      ({ sentAt } = chunk);
      if (upload) upload.fresh = (upload.fresh ?? 0) + piece.length;
    }
    if (count === 0) return;
    this.#sentBytes -= bytes;
    this.queueBytes -= bytes;
    if (now !== undefined) this.window.acknowledged(bytes, now - sentAt);
    // Each upload once, whatever number of its chunks it was.
    for (const { upload } of this.#sent.splice(0, count)) {
      if (upload?.fresh === undefined) continue;
      const { fresh, exchange } = upload;
      upload.ahead -= fresh;
      upload.fresh = undefined;
      this.#route.outputs.push([0, exchange.sink, ['acked', fresh]]);
    }
  }

  /** The next chunk in turn, numbered; `undefined` when there is none or the window is full. */
  next(now: number): SendItem | undefined {
    const { session } = this.#route;
    // Chunks count among what is replayed, so that all of it is bounded.
    if (!this.#takesChunks || session.replayCount >= (session.limits.replayCount || 1)) return undefined;
    const dead = this.#givenUp.shift();
    if (dead) return this.#send({ id: dead, flags: ofFrame | givenUp, piece: part.encoded }, part, undefined, now);
    // A frame that waits in the queue may have to come before one of the same name.
    if (session.queueCount === 0) this.#begin();
    for (let tries = this.#active.length; tries > 0; tries -= 1) {
      const transfer = this.#active[0] as FrameTransfer | UploadTransfer;
      const { pieces } = transfer;
      const ready = !pieces || (transfer.exchange.item.seq !== 0 && pieces.length > 0);
      if (ready) {
        const whole = pieces ? (pieces[0] as Uint8Array) : transfer.bytes.subarray(transfer.offset);
        // In equal parts, so that none is too small.
        const parts = pieces ? Math.ceil(whole.length / this.#inline) || 1 : 1;
        const encoded = whole.subarray(0, pieces ? Math.ceil(whole.length / parts) : this.#chunk);
        if (this.#sentBytes > 0 && this.#sentBytes + encoded.length > this.window.size) {
          this.window.fill();
          return undefined;
        }
        this.#active.shift();
        return pieces ? this.#cutUpload(transfer, encoded, now) : this.#cutFrame(transfer, encoded, now);
      }
      this.#active.push(this.#active.shift() as UploadTransfer);
    }
    return undefined;
  }

  /** Puts a chunk into its WebSocket message. */
  encode(chunk: SendItem, ack: number, now: number): Uint8Array {
    const item = chunk as ChunkItem;
    item.sentAt = now;
    const { seq, id, flags, total, piece: bytes } = item;
    this.window.sent(bytes.length);
    return encodeChunk({ seq, ack, id, flags, total, bytes });
  }

  #cutFrame(transfer: FrameTransfer, piece: Uint8Array, now: number): ChunkItem {
    const { item, id, bytes, offset } = transfer;
    transfer.offset += piece.length;
    const over = transfer.offset === bytes.length;
    const flags = ofFrame | (offset === 0 ? first : 0) | (over ? last : 0);
    const chunk = this.#send({ id, flags, piece, total: bytes.length }, over ? item : part, undefined, now);
    if (over) {
      item.seq = chunk.seq;
      this.#leave(item);
    } else this.#active.push(transfer);
    return chunk;
  }

  #cutUpload(transfer: UploadTransfer, piece: Uint8Array, now: number): ChunkItem {
    const { pieces, ended, exchange } = transfer;
    const [head] = pieces as [Uint8Array];
    if (piece.length < head.length) pieces[0] = head.subarray(piece.length);
    else pieces.shift();
    const over = ended && pieces.length === 0;
    if (!over) this.#active.push(transfer);
    return this.#send({ id: exchange.id, flags: over ? last : 0, piece }, part, transfer, now);
  }

  #send(
    { id, flags, piece, total = 0 }: { id: number; flags: number; piece: Uint8Array; total?: number },
    { kind, name, encoded }: Pick<SendItem, 'kind' | 'name' | 'encoded'>,
    upload: UploadTransfer | undefined,
    now: number,
  ): ChunkItem {
    const chunk: ChunkItem = {
      ...{ kind, name, key: id, order: 0, bytes: 0, encoded, seq: 0 },
      ...{ piece, id, flags, total, upload, sentAt: now },
    };
    this.#route.session.pass(chunk);
    this.#sent.push(chunk);
    this.#sentBytes += piece.length;
    return chunk;
  }

  /** Lets a frame begin, if there is a turn free. */
  #begin(): void {
    const item = this.#ready.head;
    if (!item) return;
    const begun = this.#active.flatMap((transfer) => (transfer.pieces ? [] : transfer.bytes.length));
    const unfinished = begun.reduce((sum, bytes) => sum + bytes, item.bytes);
    // The first is waited for: what is smaller must not keep what is large from its turn for ever.
    if (begun.length >= maxFrames || (begun.length > 0 && unfinished > maxUnfinished)) return;
    this.#ready.delete(item);
    this.#waiting.delete(item);
    this.#lastId += 1;
    const { encoded } = item;
    const bytes = typeof encoded === 'string' ? new TextEncoder().encode(encoded) : encoded;
    this.#active.push({ item, id: this.#lastId, bytes, offset: 0 });
  }

  /** A frame no longer holds up those of the same keys. */
  #leave(item: SendItem): void {
    for (const key of keysOf(item)) {
      const head = this.#lines.get(key)?.delete(item);
      if (head) this.#settle(head);
      else this.#lines.delete(key);
    }
  }

  /** Lets a frame take its turn if it waits and is the first of all its keys. */
  #settle(item: SendItem): void {
    if (this.#waiting.has(item) && keysOf(item).every((key) => this.#lines.get(key)?.head === item))
      this.#ready.add(item);
  }

  #drop(transfer: FrameTransfer | UploadTransfer): void {
    this.#active = this.#active.filter((other) => other !== transfer);
  }

  /** The other side takes no uploads. */
  #refuse({ exchange }: UploadTransfer): void {
    const text = explain && `"${exchange.name}" was not sent: the other side takes no uploads.`;
    this.#route.outputs.push([0, exchange.sink, systemError('UNIMPLEMENTED', text)]);
  }
}

/** What a chunk is to the application that completes nothing. */
const part = { kind: 'reply', name: '', encoded: new Uint8Array(0) } as const;
