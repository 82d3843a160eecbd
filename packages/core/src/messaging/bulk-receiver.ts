import { explain } from '../shared/explain.ts';
import { first, givenUp, last, ofFrame, type Chunk } from '../wire/chunk.ts';
import type { Encoded } from '../wire/codec.ts';
import { malformed } from '../wire/field.ts';
import { Kind } from '../wire/frame.ts';
import { maxTransfers, maxUnfinished, uploadCredit } from '../wire/limits.ts';
import { WireError } from '../wire/wire-error.ts';
import type { BulkRoute } from './bulk-route.ts';
import type { IncomingExchange } from './exchange.ts';

/** How long a transfer may bring nothing while there is a connection, milliseconds. */
const patience = 60_000;
/** A check that comes this late says that this process stood still, not that the other side did (HB4). */
const drift = 2_000;

/** A frame that has not arrived completely. */
interface Unfinished {
  readonly total: number;
  /** What came, oldest first: memory is taken for what came, never for what was announced. */
  readonly pieces: Uint8Array[];
  arrived: number;
  seenAt: number;
}

/** The receiving half of {@link Bulk}: puts frames together and hands on the bytes of uploads, both within bounds. */
export class BulkReceiver {
  /** Bytes of unfinished frames and of uploads nobody has read; for reading. */
  held = 0;
  /** When something may have to be given up; for reading. */
  deadline: number = Infinity;
  readonly #route: BulkRoute;
  readonly #frames = new Map<number, Unfinished>();
  #highest = 0;
  readonly #isText: boolean;

  constructor(route: BulkRoute) {
    this.#route = route;
    this.#isText = typeof route.options.codec.encodePacket(0, 0, []) === 'string';
  }

  /** A connection begins: only time with a connection counts. */
  attach(now: number): void {
    for (const transfer of [...this.#frames.values(), ...this.#uploads()]) {
      transfer.seenAt = now;
      this.#arm(now);
    }
  }

  detach(): void {
    this.deadline = Infinity;
  }

  renew(): void {
    this.#frames.clear();
    this.#highest = this.held = 0;
    this.detach();
  }

  /** Bytes an application has not read of the uploads sent to it. */
  get unread(): number {
    const uploads = this.#route.exchanges?.uploads() ?? [];
    // Also when the last byte came; what left the queue counts until it is granted anew.
    return uploads.reduce(
      (sum, { bytes, credit }) => sum + (bytes?.length ? Math.max(0, uploadCredit - credit) : 0),
      0,
    );
  }

  /** Takes a chunk that is no repetition; returns the encoded frame that is complete with it. @throws WireError */
  take(chunk: Chunk, now: number): Encoded | undefined {
    this.#arm(now);
    if (chunk.flags & ofFrame) return this.#frame(chunk, now);
    this.#upload(chunk, now);
    return undefined;
  }

  /** One more began. @throws WireError 4413 when there are too many */
  opened(now: number): void {
    this.#arm(now);
    if (this.#frames.size + this.#uploads().length > maxTransfers)
      throw new WireError(4413, explain ? `more than ${maxTransfers} transfers` : '');
  }

  /** @throws WireError 4400 when a frame brings nothing any more */
  expire(now: number): void {
    const late = now - this.deadline;
    if (late < 0) return;
    this.deadline = Infinity;
    // What was sent meanwhile may lie unread in the socket.
    if (late > drift) return this.attach(now);
    for (const { seenAt } of this.#frames.values()) {
      if (now - seenAt >= patience) throw malformed(explain && 'a frame in chunks does not go on');
      this.#arm(seenAt);
    }
    for (const upload of this.#uploads()) {
      const { seenAt = now, credit } = upload;
      // Whoever may not send is not idle.
      const idle = credit > uploadCredit / 2;
      if (!idle) upload.seenAt = now;
      else if (now - seenAt >= patience) {
        this.#route.exchanges?.refuse(upload, 'TIMEOUT', explain ? 'No bytes came for a minute.' : '');
        continue;
      }
      this.#arm(upload.seenAt ?? now);
    }
  }

  #frame({ id, flags, total, bytes }: Chunk, now: number): Encoded | undefined {
    const frames = this.#frames;
    if (flags & first) {
      if (id <= this.#highest) throw malformed(explain && 'number of a transfer reused');
      this.#highest = id;
      const { msg } = this.#route.options.accepts;
      if (total > msg) throw new WireError(4413, explain ? `a frame over ${msg} bytes` : '');
      frames.set(id, { total, pieces: [], arrived: 0, seenAt: now });
      this.opened(now);
    }
    const transfer = frames.get(id);
    if (!transfer) throw malformed(explain && 'a chunk of an unknown transfer');
    const isOver = (flags & (last | givenUp)) !== 0;
    transfer.pieces.push(bytes);
    transfer.seenAt = now;
    transfer.arrived += bytes.length;
    this.held += bytes.length;
    if (isOver) {
      frames.delete(id);
      this.held -= transfer.arrived;
    }
    if (flags & givenUp) return undefined;
    if (this.held > maxUnfinished) throw new WireError(4413, explain ? 'too many unfinished frames' : '');
    if (transfer.arrived > transfer.total || (isOver && transfer.arrived < transfer.total))
      throw malformed(explain && 'a frame of another size than announced');
    return isOver ? this.#join(transfer) : undefined;
  }

  #join({ total, pieces }: Unfinished): Encoded {
    const whole = new Uint8Array(total);
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    if (!this.#isText) return whole;
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(whole);
    } catch {
      throw malformed(explain && 'not valid UTF-8');
    }
  }

  #upload({ id, flags, bytes }: Chunk, now: number): void {
    const { exchanges, outputs } = this.#route;
    const upload = exchanges?.upload(id);
    // What comes after the answer is late, not wrong.
    if (!upload) return;
    upload.credit -= bytes.length;
    if (upload.credit < 0) throw malformed(explain && 'more bytes of an upload than were allowed');
    if (bytes.length > 0) upload.bytes?.push(bytes);
    upload.seenAt = now;
    upload.ended = (flags & last) !== 0;
    outputs.push([Kind.credit, upload]);
  }

  /** Those whose last byte has not come. */
  #uploads(): IncomingExchange[] {
    return (this.#route.exchanges?.uploads() ?? []).filter(({ ended }) => !ended);
  }

  #arm(seenAt: number): void {
    this.deadline = Math.min(this.deadline, seenAt + patience);
  }
}
