/**
 * The small parts of MessagePack: integers, and the heads of arrays, maps, texts and bytes, each in its shortest form.
 *
 * Every `put` writes at a position and returns the one behind; the caller has made room.
 */

const twoTo32 = 4_294_967_296;

/** Most bytes that an integer or a head takes. */
export const maxHeadSize = 9;

/** Bytes an integer of 0 to 2^53 - 1 takes. */
export function countSize(value: number): number {
  return value < 0x80 ? 1 : value < 0x100 ? 2 : value < 0x1_0000 ? 3 : value < twoTo32 ? 5 : 9;
}

/** Writes a safe integer. */
export function putInteger(bytes: Uint8Array, at: number, value: number): number {
  if (value >= 0) {
    if (value < 0x80) {
      bytes[at] = value;
      return at + 1;
    }
    if (value < 0x100) return put8(bytes, at, 0xcc, value);
    if (value < 0x1_0000) return put16(bytes, at, 0xcd, value);
    return value < twoTo32 ? put32(bytes, at, 0xce, value) : put64(bytes, at, 0xcf, value);
  }
  if (value >= -0x20) {
    bytes[at] = value & 0xff;
    return at + 1;
  }
  if (value >= -0x80) return put8(bytes, at, 0xd0, value);
  if (value >= -0x8000) return put16(bytes, at, 0xd1, value);
  return value >= -twoTo32 / 2 ? put32(bytes, at, 0xd2, value) : put64(bytes, at, 0xd3, value);
}

/** Bytes the head of an array or map takes. */
export function listHeadSize(count: number): number {
  return count < 16 ? 1 : count < 0x1_0000 ? 3 : 5;
}

/** Writes the head of an array. */
export function putArrayHead(bytes: Uint8Array, at: number, count: number): number {
  if (count >= 16) return putSized(bytes, at, 0xdc, count);
  bytes[at] = 0x90 | count;
  return at + 1;
}

/** Writes the head of a map. */
export function putMapHead(bytes: Uint8Array, at: number, count: number): number {
  if (count >= 16) return putSized(bytes, at, 0xde, count);
  bytes[at] = 0x80 | count;
  return at + 1;
}

/** Bytes the head of a text takes; the size is that of its UTF-8. */
export function textHeadSize(size: number): number {
  return size < 32 ? 1 : size < 0x100 ? 2 : size < 0x1_0000 ? 3 : 5;
}

/** Writes the head of a text. */
export function putTextHead(bytes: Uint8Array, at: number, size: number): number {
  if (size >= 0x100) return putSized(bytes, at, 0xda, size);
  if (size >= 32) return put8(bytes, at, 0xd9, size);
  bytes[at] = 0xa0 | size;
  return at + 1;
}

/** Writes the head of a byte string. */
export function putBinaryHead(bytes: Uint8Array, at: number, size: number): number {
  return size < 0x100 ? put8(bytes, at, 0xc4, size) : putSized(bytes, at, 0xc5, size);
}

/** A size in 16 or 32 bits; the markers follow each other. */
function putSized(bytes: Uint8Array, at: number, marker16: number, size: number): number {
  return size < 0x1_0000 ? put16(bytes, at, marker16, size) : put32(bytes, at, marker16 + 1, size);
}

function put8(bytes: Uint8Array, at: number, marker: number, value: number): number {
  bytes[at] = marker;
  bytes[at + 1] = value & 0xff;
  return at + 2;
}

function put16(bytes: Uint8Array, at: number, marker: number, value: number): number {
  bytes[at] = marker;
  bytes[at + 1] = (value >> 8) & 0xff;
  bytes[at + 2] = value & 0xff;
  return at + 3;
}

function put32(bytes: Uint8Array, at: number, marker: number, value: number): number {
  bytes[at] = marker;
  bytes[at + 1] = (value >>> 24) & 0xff;
  bytes[at + 2] = (value >>> 16) & 0xff;
  bytes[at + 3] = (value >>> 8) & 0xff;
  bytes[at + 4] = value & 0xff;
  return at + 5;
}

/** Two's complement in two halves. */
function put64(bytes: Uint8Array, at: number, marker: number, value: number): number {
  // The low half goes first, because the last byte of the high half belongs where its marker was.
  put32(bytes, at + 4, 0, value >>> 0);
  put32(bytes, at, marker, Math.floor(value / twoTo32));
  return at + maxHeadSize;
}
