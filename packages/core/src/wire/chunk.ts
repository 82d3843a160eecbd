import { explain } from '../shared/explain.ts';
import { malformed } from './field.ts';

// Chunks: pieces of large frames and of uploads, each a binary WebSocket message of its own; `protocol/README.md`
// section 4.4.

/** First byte of a chunk: no text begins with it, and no MessagePack. */
export const chunkMark = 0xc1;

/** The bytes are those of a frame; without it they belong to an upload. */
export const ofFrame = 1;
/** First chunk of a frame. */
export const first = 2;
/** Last chunk. */
export const last = 4;
/** The sender gives the frame up. */
export const givenUp = 8;

/** Smallest chunk that is not the last of its transfer, bytes. */
export const minChunk = 1_024;
/** Largest chunk, bytes. */
export const maxChunk = 65_536;

/** One chunk, decoded and checked as far as it can be alone. */
export interface Chunk {
  readonly seq: number;
  readonly ack: number;
  /** Number of the transfer, or id of the upload. */
  readonly id: number;
  readonly flags: number;
  /** Size of the frame, bytes; 0 on all but its first chunk. */
  readonly total: number;
  readonly bytes: Uint8Array;
}

/** The sets of flags a chunk may have. */
const known: readonly number[] = [
  0,
  last,
  ofFrame,
  ofFrame | first,
  ofFrame | last,
  ofFrame | first | last,
  ofFrame | givenUp,
];

/** Writes a chunk; the bytes are copied. */
export function encodeChunk({ seq, ack, id, flags, total, bytes }: Chunk): Uint8Array {
  const head = [chunkMark];
  put(head, seq);
  put(head, ack);
  put(head, id);
  head.push(flags);
  if (flags & first) put(head, total);
  const data = new Uint8Array(head.length + bytes.length);
  data.set(head);
  data.set(bytes, head.length);
  return data;
}

/**
 * Reads a binary message that begins with {@link chunkMark}; its bytes are not copied.
 *
 * @throws WireError 4400 when it breaks a rule that one chunk alone can break
 */
export function parseChunk(data: Uint8Array): Chunk {
  let at = 1;
  const count = (): number => {
    let value = 0;
    // Eight groups of seven bits hold 2^53 - 1.
    for (let scale = 1; scale < 2 ** 56; scale *= 128) {
      const byte = data[at];
      if (byte === undefined) break;
      at += 1;
      value += (byte & 127) * scale;
      if (byte > 127) continue;
      // One number has one spelling.
      if (value > Number.MAX_SAFE_INTEGER || (byte === 0 && scale > 1)) break;
      return value;
    }
    throw malformed(explain && 'a number in a chunk is cut off, too large or too long');
  };
  const seq = count();
  const ack = count();
  const id = count();
  const flags = data[at] ?? -1;
  at += 1;
  const total = flags & first ? count() : 0;
  const bytes = data.subarray(at);
  const { length } = bytes;
  if (!seq || !id || !known.includes(flags)) throw malformed(explain && 'a chunk without number, id or known flags');
  const least = flags & givenUp || flags === last ? 0 : flags & last ? 1 : minChunk;
  if (length < least || length > (flags & givenUp ? 0 : maxChunk)) {
    throw malformed(explain && `a chunk of ${length} bytes`);
  }
  return { seq, ack, id, flags, total, bytes };
}

/** Unsigned LEB128: seven bits a byte, the lowest first. */
function put(to: number[], value: number): void {
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) to.push((rest % 128) | 128);
  to.push(rest);
}
