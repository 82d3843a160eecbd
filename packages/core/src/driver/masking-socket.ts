import { nodeBuffer } from '../shared/platform.ts';
import type { SocketClass, SocketLike } from './socket.ts';

/** What a socket of `ws` was upgraded on. */
interface Stream {
  write(bytes: Uint8Array): unknown;
}

/** All of it, as far as the event comes from `ws` itself. */
interface UpgradeResponse {
  readonly socket?: Stream | null;
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
}

interface WsSocket extends SocketLike {
  /** What `ws` itself writes to; absent where another runtime stands in for it. */
  readonly _socket?: unknown;
  on(event: 'upgrade', listener: (this: MaskingSocket, response?: UpgradeResponse) => void): unknown;
  off(event: 'upgrade', listener: unknown): unknown;
}

/** Where a masking socket keeps its stream. */
const upgradedOn = Symbol('hawser');

interface MaskingSocket {
  [upgradedOn]: Stream | null | undefined;
  off(event: 'upgrade', listener: unknown): unknown;
}

/** First byte of a message in one piece, RFC 6455 section 5.2. */
const finalText = 0x81;
const finalBinary = 0x82;
/** What says in the second byte that a mask follows. */
const masked = 0x80;

/** Frames from this size on are masked by the word: making a view for it costs as much as masking some hundred bytes. */
const worthWords = 1_024;

/** Random numbers for masks; asked for by the block, because each question has its price. */
const block = new Int32Array(2_048);
let used = block.length;

/**
 * The class with messages masked and framed here, in one piece and one write, if it is that of `ws`; any other as it is.
 *
 * The handshake, everything received, pings, pongs and closes stay with `ws`, and so do connections with extensions or with
 * masks of the application. Both write whole frames at once to the stream, so neither cuts into the other's.
 */
export function maskingSocket(Base: SocketClass): SocketClass {
  // Where there is no class at all, that is said when a client is made.
  const { prototype = {} } = (Base as { readonly prototype?: object } | undefined) ?? {};
  // This member only `ws` has, and what stands in for it.
  if (!nodeBuffer || !('isPaused' in prototype)) return Base;
  const Ws = Base as new (...args: ConstructorParameters<SocketClass>) => WsSocket;
  return class extends Ws implements MaskingSocket {
    [upgradedOn]: Stream | null | undefined;

    constructor(url: string, protocols: string[], options?: object) {
      super(url, protocols, options);
      // Whoever brings masks of its own has its reasons.
      if (!(options && 'generateMask' in options)) this.on('upgrade', upgraded);
    }

    override send(data: string | Uint8Array<ArrayBuffer>): void {
      const stream = this[upgradedOn];
      // Before it is open, and after a close, `ws` decides what becomes of it. Other runtimes that stand in for `ws` name a
      // stream that leads nowhere.
      if (!stream || stream !== this._socket || this.readyState !== 1) super.send(data);
      else stream.write(frameOf(data));
    }
  };
}

function upgraded(this: MaskingSocket, { socket, headers }: UpgradeResponse = {}): void {
  // It comes once, and each kind of listener takes room in every connection.
  this.off('upgrade', upgraded);
  if (headers && headers['sec-websocket-extensions'] === undefined) this[upgradedOn] = socket;
}

/** A message as clients send it. */
function frameOf(data: string | Uint8Array): Uint8Array {
  const buffer = nodeBuffer as NonNullable<typeof nodeBuffer>;
  const size = typeof data === 'string' ? buffer.byteLength(data) : data.length;
  const head = size < 126 ? 6 : size < 65_536 ? 8 : 14;
  // Of a long one the payload begins where a word may.
  const frame = head === 14 ? buffer.allocUnsafe(head + size + 2).subarray(2) : buffer.allocUnsafe(head + size);
  frame[0] = typeof data === 'string' ? finalText : finalBinary;
  if (head === 6) frame[1] = masked + size;
  else if (head === 8) {
    frame[1] = masked + 126;
    frame[2] = size >> 8;
    frame[3] = size;
  } else {
    frame[1] = masked + 127;
    // Four bytes hold more than any message has.
    for (let at = 2; at < 6; at += 1) frame[at] = 0;
    for (let at = 6; at < 10; at += 1) frame[at] = size >>> (8 * (9 - at));
  }
  if (typeof data !== 'string') frame.set(data, head);
  // Of ASCII every character is its byte.
  else if (size === data.length) frame.write(data, head, 'latin1');
  else frame.write(data, head);
  mask(frame, head);
  return frame;
}

/** Masks what begins at `start`, and puts the mask before it; RFC 6455 section 5.3. */
function mask(frame: Uint8Array, start: number): void {
  if (used === block.length) {
    crypto.getRandomValues(block);
    used = 0;
  }
  const random = block[used] as number;
  used += 1;
  const a = (frame[start - 4] = random & 255);
  const b = (frame[start - 3] = (random >> 8) & 255);
  const c = (frame[start - 2] = (random >> 16) & 255);
  const d = (frame[start - 1] = random >>> 24);
  let at = start;
  if (frame.length >= worthWords && (frame.byteOffset + start) % 4 === 0) {
    const [word = 0] = new Int32Array(Uint8Array.of(a, b, c, d).buffer);
    const words = new Int32Array(frame.buffer, frame.byteOffset + start, (frame.length - start) >> 2);
    for (let place = 0; place < words.length; place += 1) (words[place] as number) ^= word;
    at += words.length * 4;
  }
  for (const last = frame.length - 3; at < last; at += 4) {
    (frame[at] as number) ^= a;
    (frame[at + 1] as number) ^= b;
    (frame[at + 2] as number) ^= c;
    (frame[at + 3] as number) ^= d;
  }
  if (at < frame.length) (frame[at] as number) ^= a;
  if (at + 1 < frame.length) (frame[at + 1] as number) ^= b;
  if (at + 2 < frame.length) (frame[at + 2] as number) ^= c;
}
