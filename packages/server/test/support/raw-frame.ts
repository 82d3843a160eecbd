import { randomBytes } from 'node:crypto';

/** WebSocket opcodes, RFC 6455 section 5.2. */
export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One WebSocket frame as it was on the wire. */
export interface RawFrame {
  readonly fin: boolean;
  /** The three reserved bits as a number, 0 in every legal frame. */
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  /** Unmasked. */
  readonly payload: Buffer;
}

/** A frame to write, legal or not. */
export interface FrameClaim {
  /** @defaultValue true */
  readonly fin?: boolean;
  /** @defaultValue 0 */
  readonly rsv?: number;
  /** @defaultValue text for a string, binary for bytes */
  readonly opcode?: number;
  readonly payload?: string | Uint8Array;
  /** @defaultValue what is legal for the side that sends */
  readonly mask?: boolean;
  /** The length the header states. @defaultValue the true one */
  readonly claim?: number | bigint;
  /** Bytes the length takes: 0 (seven bits), 2 or 8. @defaultValue the shortest that fits */
  readonly lengthBytes?: 0 | 2 | 8;
}

/** Writes one frame; nothing is checked, that is the point. */
export function encodeFrame(frame: FrameClaim, maskByDefault: boolean): Buffer {
  const { payload = '' } = frame;
  const body = Buffer.from(payload as string);
  const opcode = frame.opcode ?? (typeof payload === 'string' ? Opcode.text : Opcode.binary);
  const claim = BigInt(frame.claim ?? body.length);
  const lengthBytes = frame.lengthBytes ?? (claim < 126n ? 0 : claim < 65_536n ? 2 : 8);
  const mask = frame.mask ?? maskByDefault;

  const head = Buffer.alloc(2 + lengthBytes + (mask ? 4 : 0));
  head[0] = ((frame.fin ?? true) ? 0x80 : 0) | ((frame.rsv ?? 0) << 4) | opcode;
  head[1] = (mask ? 0x80 : 0) | (lengthBytes === 0 ? Number(claim) : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) head.writeUInt16BE(Number(claim), 2);
  if (lengthBytes === 8) head.writeBigUInt64BE(claim, 2);
  if (mask) {
    const key = randomBytes(4);
    key.copy(head, 2 + lengthBytes);
    unmask(body, key);
  }
  return Buffer.concat([head, body]);
}

/** The payload of a close frame. */
export function closePayload(code: number, reason = ''): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  return payload;
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  #bytes: Buffer = Buffer.alloc(0);

  /** Takes more bytes; returns the frames that are complete now. */
  push(bytes: Buffer): RawFrame[] {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const frames: RawFrame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): RawFrame | undefined {
    const bytes = this.#bytes;
    if (bytes.length < 2) return undefined;
    const first = bytes.readUInt8(0);
    const second = bytes.readUInt8(1);
    const masked = second >= 0x80;
    const short = second & 0x7f;
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    const bodyAt = 2 + lengthBytes + (masked ? 4 : 0);
    if (bytes.length < bodyAt) return undefined;
    const length =
      lengthBytes === 2 ? bytes.readUInt16BE(2) : lengthBytes === 8 ? Number(bytes.readBigUInt64BE(2)) : short;
    if (bytes.length < bodyAt + length) return undefined;
    const payload = Buffer.from(bytes.subarray(bodyAt, bodyAt + length));
    if (masked) unmask(payload, bytes.subarray(bodyAt - 4, bodyAt));
    this.#bytes = bytes.subarray(bodyAt + length);
    return { fin: first >= 0x80, rsv: (first >> 4) & 7, opcode: first & 15, masked, payload };
  }
}

function unmask(body: Buffer, key: Uint8Array): void {
  for (let i = 0; i < body.length; i += 1) body[i] = (body[i] ?? 0) ^ (key[i & 3] ?? 0);
}
