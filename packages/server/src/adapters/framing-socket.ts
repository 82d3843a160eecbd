import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';

/** A message up to this size shares one write with its head; of a larger one the copy costs more, bytes. */
const oneWrite = 16_384;
/** First byte of a message in one piece, RFC 6455 section 5.2. */
const finalText = 0x81;
const finalBinary = 0x82;

/**
 * A `WebSocket` of `ws` that frames what it sends itself, in one write and once for all sockets that send the same text.
 *
 * Pings, pongs and closes stay with `ws`. Both write whole frames at once to the stream, so neither cuts into the other's;
 * it needs sockets without extensions.
 */
export class FramingSocket extends WebSocket {
  /** Called when all that was waiting has been written. */
  ondrain: (() => void) | null = null;
  #stream: Duplex | undefined;
  #drains = false;

  /** Says where to write. @param stream - what the connection was upgraded on */
  writeTo(stream: Duplex): void {
    this.#stream = stream;
  }

  override send(data: string | Uint8Array): void {
    const stream = this.#stream;
    // After a close `ws` decides what becomes of it.
    if (stream === undefined || this.readyState !== WebSocket.OPEN) return super.send(data);
    this.#write(stream, data);
    if (this.#drains || !stream.writableNeedDrain || stream.writableLength === 0) return;
    this.#drains = true;
    stream.once('drain', () => {
      this.#drains = false;
      this.ondrain?.();
    });
  }

  #write(stream: Duplex, data: string | Uint8Array): void {
    if (typeof data !== 'string') writeBytes(stream, finalBinary, data);
    else if (data.length > oneWrite) writeBytes(stream, finalText, Buffer.from(data));
    else {
      // A broadcast gives every socket the same.
      if (data !== lastText) {
        lastFrame = frameOf(data);
        lastText = data;
      }
      if (typeof lastFrame === 'string') stream.write(lastFrame, 'latin1');
      else stream.write(lastFrame);
    }
  }
}

/** The text framed last, and its frame: characters that stand for bytes, or bytes. */
let lastText: string | undefined;
let lastFrame: string | Buffer = '';

/** The frame of a short text. */
function frameOf(text: string): string | Buffer {
  const size = Buffer.byteLength(text);
  // Of ASCII every character is its byte, and Node writes such text without making a buffer.
  if (size === text.length) return headText(size) + text;
  const head = headOf(finalText, size);
  const frame = Buffer.allocUnsafe(head.length + size);
  frame.set(head);
  frame.write(text, head.length);
  return frame;
}

/** What comes before a short message of text, as characters. */
function headText(size: number): string {
  if (size < 126) return String.fromCharCode(finalText, size);
  return String.fromCharCode(finalText, 126, size >> 8, size & 255);
}

function writeBytes(stream: Duplex, first: number, bytes: Uint8Array): void {
  const head = headOf(first, bytes.length);
  if (bytes.length <= oneWrite) {
    const frame = Buffer.allocUnsafe(head.length + bytes.length);
    frame.set(head);
    frame.set(bytes, head.length);
    stream.write(frame);
    return;
  }
  stream.cork();
  stream.write(Uint8Array.from(head));
  stream.write(bytes);
  stream.uncork();
}

/** What comes before a message that is not masked, as servers send it. */
function headOf(first: number, size: number): number[] {
  if (size < 126) return [first, size];
  if (size < 65_536) return [first, 126, size >> 8, size & 255];
  // Four bytes hold more than any message has.
  return [first, 127, 0, 0, 0, 0, size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255];
}
