import type { Socket } from 'node:net';

/** `up` is client to server, `down` is server to client. */
export type Direction = 'up' | 'down';

/** How a link dies: `rst` resets both sides, `destroy` closes both sides as a process that exits does. */
export type CutKind = 'rst' | 'destroy';

/** The rules one direction can be under; all of them keep the order of bytes. */
export interface Rules {
  /** Takes every rule away and lets held bytes go. */
  pass(): void;
  /** Swallows the next `bytes` (all by default), the end of the stream included; the sender notices nothing. */
  drop(bytes?: number): void;
  /** Holds everything, the end of the stream included, until {@link Rules.release}; the sender meets back pressure. */
  stall(): void;
  /** Ends {@link Rules.stall}; what was held goes in one burst. */
  release(): void;
  /** Lets `bytes` more through, then cuts the whole link, in the middle of a frame if it falls so. */
  cutAfter(bytes: number, kind?: CutKind): void;
  /** Each chunk takes `ms` plus up to `jitter` milliseconds. */
  delay(ms: number, jitter?: number): void;
  /** At most this many bytes a second. */
  rate(bytesPerSecond: number): void;
  /** Forwards `bytes` at a time, each in a write of its own. */
  slice(bytes: number): void;
}

/** What a pipe needs from the link it belongs to. */
export interface PipeLink {
  /** A cut by {@link Rules.cutAfter} is due. */
  cut(kind: CutKind): void;
}

/** How late a timer may ring on a busy machine and the link still keep its rate, milliseconds. */
const late = 100;
/** Above this many waiting bytes the sender is no longer read. */
const highWater = 1024 * 1024;

/** One direction of one link: reads `source`, writes `target`, obeys its rules. */
export class FaultPipe implements Rules {
  /** Bytes forwarded. */
  forwarded = 0;
  /** Bytes swallowed by {@link Rules.drop}. */
  dropped = 0;

  readonly #link: PipeLink;
  readonly #source: Socket;
  readonly #target: Socket;
  readonly #random: () => number;
  /** `null` is the end of the stream. */
  readonly #queue: { data: Buffer | null; due: number }[] = [];
  #queued = 0;
  #freeAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;
  #waitsForDrain = false;
  #closed = false;

  #held = false;
  #dropLeft = 0;
  #cutLeft = Number.POSITIVE_INFINITY;
  #cutKind: CutKind = 'destroy';
  #delayMs = 0;
  #jitterMs = 0;
  #bytesPerMs = Number.POSITIVE_INFINITY;
  #sliceBytes = Number.POSITIVE_INFINITY;

  constructor(link: PipeLink, source: Socket, target: Socket, random: () => number) {
    this.#link = link;
    this.#source = source;
    this.#target = target;
    this.#random = random;
    source.on('data', (data: Buffer) => this.#take(data));
    source.on('end', () => this.#take(null));
    target.on('drain', () => {
      this.#waitsForDrain = false;
      this.#pump();
    });
    target.once('connect', () => this.#pump());
  }

  /** Bytes received and not forwarded yet. */
  get waiting(): number {
    return this.#queued;
  }

  /** Whether an end or a reset of the source must not reach the target. */
  get swallows(): boolean {
    return this.#held || this.#dropLeft > 0;
  }

  pass(): void {
    this.#dropLeft = 0;
    this.#cutLeft = Number.POSITIVE_INFINITY;
    this.#delayMs = 0;
    this.#jitterMs = 0;
    this.#bytesPerMs = Number.POSITIVE_INFINITY;
    this.#sliceBytes = Number.POSITIVE_INFINITY;
    this.#freeAt = 0;
    for (const entry of this.#queue) entry.due = 0;
    this.release();
  }

  drop(bytes = Number.POSITIVE_INFINITY): void {
    this.#dropLeft = bytes;
    this.#wake();
  }

  stall(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#wake();
  }

  cutAfter(bytes: number, kind: CutKind = 'destroy'): void {
    this.#cutLeft = bytes;
    this.#cutKind = kind;
    this.#wake();
  }

  delay(ms: number, jitter = 0): void {
    this.#delayMs = ms;
    this.#jitterMs = jitter;
  }

  rate(bytesPerSecond: number): void {
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#wake();
  }

  slice(bytes: number): void {
    this.#sliceBytes = bytes;
    this.#wake();
  }

  /** Forgets what is queued and stops for good. */
  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
  }

  #take(data: Buffer | null): void {
    if (this.#closed) return;
    const jitter = this.#jitterMs > 0 ? this.#jitterMs * this.#random() : 0;
    // A queue, so the order stays whatever the jitter says, as in TCP.
    this.#queue.push({ data, due: performance.now() + this.#delayMs + jitter });
    this.#queued += data?.length ?? 0;
    if (this.#queued > highWater) this.#source.pause();
    this.#pump();
  }

  /** Looks at the rules anew. */
  #wake(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pump();
  }

  #pump(): void {
    while (!this.#closed && !this.#held && !this.#waitsForDrain && !this.#target.connecting) {
      if (this.#timer !== undefined || this.#turn !== undefined) return;
      if (this.#cutLeft <= 0) return this.#link.cut(this.#cutKind);
      const head = this.#queue[0];
      if (head === undefined) break;
      const wait = Math.max(head.due, this.#freeAt) - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#wake(), wait);
        return;
      }
      if (head.data === null) return this.#finish();
      this.#forward(head as { data: Buffer; due: number });
    }
    if (!this.#closed && !this.#held && this.#queued <= highWater) this.#source.resume();
  }

  #forward(head: { data: Buffer; due: number }): void {
    const dropping = this.#dropLeft > 0;
    const most = Math.min(
      dropping ? this.#dropLeft : this.#cutLeft,
      this.#sliceBytes,
      // 20 ms worth at a time, so that a slow link trickles rather than bursts.
      Math.max(1, Math.floor(this.#bytesPerMs * 20)),
    );
    const piece = head.data.subarray(0, most);
    if (piece.length === head.data.length) this.#queue.shift();
    else head.data = head.data.subarray(piece.length);
    this.#queued -= piece.length;
    // Counted from when it should have left: a timer that rings late must not make the link slower than it is.
    this.#freeAt = Math.max(this.#freeAt, head.due, performance.now() - late) + piece.length / this.#bytesPerMs;

    if (dropping) {
      this.#dropLeft -= piece.length;
      this.dropped += piece.length;
      return;
    }
    this.#cutLeft -= piece.length;
    this.forwarded += piece.length;
    if (this.#cutLeft <= 0) {
      // Only once the prefix is in the kernel: a reset may throw away what was not written yet.
      this.#held = true;
      this.#target.write(piece, () => this.#link.cut(this.#cutKind));
      return;
    }
    this.#waitsForDrain = !this.#target.write(piece);
    if (this.#sliceBytes !== Number.POSITIVE_INFINITY) {
      this.#turn = setImmediate(() => {
        this.#turn = undefined;
        this.#pump();
      });
    }
  }

  #finish(): void {
    this.#queue.shift();
    if (this.#dropLeft === 0) this.#target.end();
  }
}
