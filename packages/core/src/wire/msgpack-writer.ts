import { explain } from '../shared/explain.ts';
import { isMap } from './field.ts';
import {
  listHeadSize,
  maxHeadSize,
  putArrayHead,
  putBinaryHead,
  putInteger,
  putMapHead,
  putTextHead,
  textHeadSize,
} from './msgpack-head.ts';
import { converted } from './plain-data.ts';
import { unsendable } from './sendable.ts';
import { withoutHalves } from './utf8.ts';

/** Size of the buffer that small frames share, bytes; a single small frame keeps at most this much alive. */
const slabSize = 8_192;
/** Frames up to this size are views of the slab, larger ones are copied out of it; bytes. */
const sharedUpTo = 1_024;
/** Up to this length a loop beats the platform's encoder, UTF-16 units. */
const shortText = 48;

/**
 * Writes plain values as MessagePack, each in its shortest form; `protocol/README.md` section 1.
 *
 * It checks almost nothing: `encodeSendable` comes first. While `busy` it must not be given a second frame; `toJSON` runs code
 * of the application, which may well encode one.
 */
export class MsgpackWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** Where the present frame begins; it moves on only when the frame is complete. */
  #start = 0;
  #at = 0;
  #busy = false;
  #encoder: TextEncoder | undefined;

  /** Whether a frame is being written right now. */
  get busy(): boolean {
    return this.#busy;
  }

  /**
   * Writes a frame as one array.
   *
   * @throws HawserError `INVALID_INPUT` for a key with half a surrogate pair
   */
  frame(elements: readonly unknown[]): Uint8Array<ArrayBuffer> {
    if (this.#bytes.length - this.#start < sharedUpTo) this.#renew();
    this.#at = this.#start;
    this.#busy = true;
    try {
      this.#array(elements, elements.length);
    } finally {
      this.#busy = false;
    }
    return this.#take();
  }

  #take(): Uint8Array<ArrayBuffer> {
    const size = this.#at - this.#start;
    if (size <= sharedUpTo && this.#bytes.length === slabSize) {
      const view = this.#bytes.subarray(this.#start, this.#at);
      this.#start = this.#at;
      return view;
    }
    const copy = this.#bytes.slice(this.#start, this.#at);
    // A buffer that grew for one large frame is not kept.
    if (this.#bytes.length > slabSize) this.#renew();
    return copy;
  }

  #renew(): void {
    this.#bytes = new Uint8Array(slabSize);
    this.#start = 0;
  }

  /** Makes room for so many bytes more. */
  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const written = this.#at - this.#start;
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, written + count));
    bytes.set(this.#bytes.subarray(this.#start, this.#at));
    this.#bytes = bytes;
    this.#start = 0;
    this.#at = written;
  }

  /** Writes what needs no conversion. */
  #value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        if (!this.#ascii(value)) this.#encoded(value);
        return;
      case 'number':
        this.#number(value);
        return;
      case 'boolean':
        this.#byte(value ? 0xc3 : 0xc2);
        return;
      case 'undefined':
        this.#byte(0xc0);
        return;
      case 'object':
        if (value === null) this.#byte(0xc0);
        else if (Array.isArray(value)) this.#array(value, value.length);
        else if (isBytes(value)) this.#binary(value);
        else this.#map(value as Readonly<Record<string, unknown>>);
        return;
      default:
        throw new TypeError(explain ? `toJSON returned a ${typeof value}` : '');
    }
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = byte;
  }

  #number(value: number): void {
    // A value that changed its mind since it was checked; JSON writes the same.
    if (!Number.isFinite(value)) return this.#byte(0xc0);
    this.#reserve(maxHeadSize);
    if (Number.isSafeInteger(value)) {
      this.#at = putInteger(this.#bytes, this.#at, value);
      return;
    }
    this.#bytes[this.#at] = 0xcb;
    floatView.setFloat64(0, value);
    this.#bytes.set(floatBytes, this.#at + 1);
    this.#at += 9;
  }

  #array(items: readonly unknown[], length: number): void {
    this.#reserve(maxHeadSize);
    this.#at = putArrayHead(this.#bytes, this.#at, length);
    for (let i = 0; i < length; i += 1) this.#value(plain(items[i], i));
  }

  #map(value: Readonly<Record<string, unknown>>): void {
    const keys = Object.keys(value);
    this.#reserve(maxHeadSize);
    const head = this.#at - this.#start;
    this.#at = putMapHead(this.#bytes, this.#at, keys.length);
    let count = 0;
    for (let i = 0; i < keys.length; i += 1) {
      const key = keys[i] as string;
      const member = plain(value[key], key);
      if (member === undefined) continue;
      this.#key(key);
      this.#value(member);
      count += 1;
    }
    if (count < keys.length) this.#shrinkMap(this.#start + head, keys.length, count);
  }

  /** Members that were `undefined` are left out, so the head says too much. */
  #shrinkMap(at: number, before: number, after: number): void {
    const from = at + listHeadSize(before);
    const to = putMapHead(this.#bytes, at, after);
    if (to < from) this.#bytes.copyWithin(to, from, this.#at);
    this.#at -= from - to;
  }

  #key(key: string): void {
    if (this.#ascii(key)) return;
    // Different halves become the same replacement character, and a key that comes twice ends the connection.
    if (withoutHalves(key) !== key) throw unsendable(explain && 'a key of the payload holds half a surrogate pair');
    this.#encoded(key);
  }

  /** Writes a short ASCII text; false, with nothing written, when it is not one. */
  #ascii(text: string): boolean {
    const length = text.length;
    if (length > shortText) return false;
    this.#reserve(length + maxHeadSize);
    const bytes = this.#bytes;
    let at = this.#at + textHeadSize(length);
    for (let i = 0; i < length; i += 1) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) return false;
      bytes[at++] = unit;
    }
    putTextHead(bytes, this.#at, length);
    this.#at = at;
    return true;
  }

  #encoded(text: string): void {
    // No unit takes more than three bytes.
    this.#reserve(text.length * 3 + maxHeadSize);
    const body = this.#at + textHeadSize(text.length);
    this.#encoder ??= new TextEncoder();
    const size = this.#encoder.encodeInto(text, this.#bytes.subarray(body)).written;
    // The head was guessed from the units; more bytes may need a longer one.
    const to = this.#at + textHeadSize(size);
    if (to > body) this.#bytes.copyWithin(to, body, body + size);
    this.#at = putTextHead(this.#bytes, this.#at, size) + size;
  }

  #binary(value: Uint8Array): void {
    this.#reserve(value.length + maxHeadSize);
    this.#at = putBinaryHead(this.#bytes, this.#at, value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }
}

const floatBytes = new Uint8Array(8);
const floatView = new DataView(floatBytes.buffer);

/** Whether a value is a binary type that travels; also true for those of other realms, such as an iframe. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]';
}

/** What JSON would write for a value: the result of `toJSON` where there is one, and what is in a box. */
function plain(value: unknown, key: string | number): unknown {
  if (ArrayBuffer.isView(value)) return value;
  const data = converted(value, key);
  if (typeof data !== 'object' || data === null || isMap(data) || Array.isArray(data)) return data;
  return /Number|String|Boolean|BigInt/.test(Object.prototype.toString.call(data)) ? data.valueOf() : data;
}
