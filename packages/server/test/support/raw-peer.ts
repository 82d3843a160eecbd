import type { Socket } from 'node:net';
import type { HttpHead } from './http-head.ts';
import { closePayload, encodeFrame, type FrameClaim, FrameReader, Opcode, type RawFrame } from './raw-frame.ts';
import { until } from './until.ts';

/** One end of a WebSocket connection that obeys nothing but the test. */
export class RawPeer {
  /** What the other side sent to upgrade, or answered to it. */
  readonly head: HttpHead;
  readonly socket: Socket;
  /** Everything received, oldest first, control frames included. */
  readonly frames: RawFrame[] = [];
  /** Code and reason of the close frame, once one came; the code is 1005 when it has none. */
  closeFrame: { readonly code: number; readonly reason: string } | undefined;
  /** Whether a close frame is answered with the same one. @defaultValue true */
  answersClose = true;
  readonly #masks: boolean;
  readonly #reader = new FrameReader();
  #read = 0;

  constructor(head: HttpHead, socket: Socket, masks: boolean, early: Buffer) {
    this.head = head;
    this.socket = socket;
    this.#masks = masks;
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    if (early.length > 0) this.#take(early);
  }

  /** Whether the TCP connection is gone. */
  get gone(): boolean {
    return this.socket.destroyed;
  }

  /** Text messages received, oldest first. */
  get texts(): string[] {
    return this.frames.filter((frame) => frame.opcode === Opcode.text).map((frame) => frame.payload.toString());
  }

  /** Writes a text message, bytes as a binary message, or any frame. */
  send(...frames: readonly (string | Uint8Array | FrameClaim)[]): void {
    const bytes = frames.map((frame) =>
      encodeFrame(typeof frame === 'string' || frame instanceof Uint8Array ? { payload: frame } : frame, this.#masks),
    );
    this.socket.write(Buffer.concat(bytes));
  }

  /** Sends a close frame. */
  close(code: number, reason = ''): void {
    this.send({ opcode: Opcode.close, payload: closePayload(code, reason) });
  }

  /** The next data message nobody has taken yet; fragments are not joined. */
  async next(within = 4_000): Promise<string | Buffer> {
    const data = (): RawFrame[] => this.frames.filter((frame) => frame.opcode <= Opcode.binary);
    await until(
      'a message arrives',
      () => data().length > this.#read,
      within,
      () => this.closeFrame,
    );
    const frame = data()[this.#read] as RawFrame;
    this.#read += 1;
    return frame.opcode === Opcode.binary ? frame.payload : frame.payload.toString();
  }

  /** Resolves with the code of the close frame, or with `'cut'` when the connection went without one. */
  async ended(within = 4_000): Promise<number | 'cut'> {
    await until('the other side ends it', () => this.closeFrame !== undefined || this.gone, within);
    return this.closeFrame?.code ?? 'cut';
  }

  #take(bytes: Buffer): void {
    for (const frame of this.#reader.push(bytes)) {
      this.frames.push(frame);
      if (frame.opcode !== Opcode.close || this.closeFrame !== undefined) continue;
      const { payload } = frame;
      this.closeFrame = {
        code: payload.length < 2 ? 1005 : payload.readUInt16BE(0),
        reason: payload.subarray(2).toString(),
      };
      if (this.answersClose && this.socket.writable) this.send({ opcode: Opcode.close, payload });
    }
  }
}
