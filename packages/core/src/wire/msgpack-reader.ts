import { explain } from '../shared/explain.ts';
import { malformed } from './field.ts';
import { maxDepth, maxKeys } from './limits.ts';
import { isForbiddenKey } from './plain-data.ts';
import type { WireError } from './wire-error.ts';

/** Up to this length a loop beats the platform's decoder, bytes. */
const shortText = 12;
/** Slots for keys that were read before, a power of two. */
const cacheSize = 1_024;
const twoTo32 = 4_294_967_296;
const empty = new Uint8Array(0);
const emptyView = new DataView(empty.buffer);

interface CachedKey {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/**
 * Reads one MessagePack value out of untrusted bytes; `protocol/README.md` section 1.
 *
 * Refused: extension types, the unused byte C1, numbers JSON cannot carry, map keys that are no text, forbidden or there
 * twice, text that is not UTF-8, nesting beyond the limit, and anything left over. A claimed size is compared with what is
 * left before anything is allocated for it.
 */
export class MsgpackReader {
  #bytes: Uint8Array = empty;
  #view: DataView = emptyView;
  #at = 0;
  #decoder: TextDecoder | undefined;
  /** Keys repeat in every message; finding one by its bytes is cheaper than decoding it. Holds short ASCII keys only. */
  readonly #keys: (CachedKey | undefined)[] = Array.from({ length: cacheSize });

  /** @throws WireError 4400 when the bytes are anything else than one acceptable value */
  read(bytes: Uint8Array): unknown {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#at = 0;
    try {
      const value = this.#value(1);
      if (this.#at !== bytes.length) throw malformed(explain && 'bytes after the end of the packet');
      return value;
    } finally {
      // Nothing of the packet is kept alive.
      this.#bytes = empty;
      this.#view = emptyView;
    }
  }

  #value(depth: number): unknown {
    const marker = this.#bytes[this.#at++];
    if (marker === undefined) throw truncated();
    if (marker < 0x80) return marker;
    if (marker >= 0xe0) return marker - 0x100;
    if (marker < 0x90) return this.#map(marker & 0x0f, depth);
    if (marker < 0xa0) return this.#array(marker & 0x0f, depth);
    if (marker < 0xc0) return this.#text(marker & 0x1f);
    switch (marker) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#binary(this.#size(marker - 0xc4));
      case 0xca:
        return finite(this.#view.getFloat32(this.#skip(4)));
      case 0xcb:
        return finite(this.#view.getFloat64(this.#skip(8)));
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#size(marker - 0xcc);
      case 0xcf:
      case 0xd3:
        return this.#int64(marker === 0xd3);
      case 0xd0:
        return this.#view.getInt8(this.#skip(1));
      case 0xd1:
        return this.#view.getInt16(this.#skip(2));
      case 0xd2:
        return this.#view.getInt32(this.#skip(4));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#size(marker - 0xd9));
      case 0xdc:
      case 0xdd:
        return this.#array(this.#size(marker - 0xdb), depth);
      case 0xde:
      case 0xdf:
        return this.#map(this.#size(marker - 0xdd), depth);
      default:
        throw malformed(explain && 'MessagePack type that no packet may contain');
    }
  }

  /** Moves over so many bytes and returns where they begin. */
  #skip(count: number): number {
    const from = this.#at;
    if (count > this.#bytes.length - from) throw truncated();
    this.#at = from + count;
    return from;
  }

  /** An unsigned integer of one, two or four bytes, by the logarithm of its width. */
  #size(width: number): number {
    if (width === 0) return this.#view.getUint8(this.#skip(1));
    return width === 1 ? this.#view.getUint16(this.#skip(2)) : this.#view.getUint32(this.#skip(4));
  }

  #int64(signed: boolean): number {
    const at = this.#skip(8);
    const high = signed ? this.#view.getInt32(at) : this.#view.getUint32(at);
    const value = high * twoTo32 + this.#view.getUint32(at + 4);
    if (!Number.isSafeInteger(value)) throw malformed(explain && 'integer beyond 2^53');
    return value;
  }

  #array(length: number, depth: number): unknown[] {
    if (depth > maxDepth) throw malformed(explain && 'nested too deep');
    // Every element takes a byte. Grown as it is read: a claim allocates nothing.
    if (length > this.#bytes.length - this.#at) throw truncated();
    const items: unknown[] = [];
    for (let i = 0; i < length; i += 1) items.push(this.#value(depth + 1));
    return items;
  }

  #map(length: number, depth: number): Record<string, unknown> {
    if (depth > maxDepth) throw malformed(explain && 'nested too deep');
    if (length > maxKeys) throw malformed(explain && 'too many keys in a map');
    const map: Record<string, unknown> = {};
    for (let i = 0; i < length; i += 1) {
      const key = this.#key();
      // Inherited members exist too, so ask twice; no value is ever undefined.
      if (map[key] !== undefined && Object.hasOwn(map, key)) throw malformed(explain && 'the same key twice in a map');
      map[key] = this.#value(depth + 1);
    }
    return map;
  }

  #key(): string {
    const marker = this.#bytes[this.#at++];
    if (marker === undefined) throw truncated();
    if (marker >= 0xa0 && marker < 0xc0) return this.#shortKey(marker & 0x1f);
    if (marker < 0xd9 || marker > 0xdb) throw malformed(explain && 'map key that is not text');
    const key = this.#text(this.#size(marker - 0xd9));
    if (isForbiddenKey(key)) throw malformed(explain && 'forbidden key');
    return key;
  }

  #shortKey(length: number): string {
    const bytes = this.#bytes;
    const from = this.#skip(length);
    let hash = length;
    for (let i = from; i < this.#at; i += 1) hash = (hash * 31 + (bytes[i] as number)) & 0xff_ffff;
    const slot = hash & (cacheSize - 1);
    const cached = this.#keys[slot];
    if (cached !== undefined && sameBytes(cached.bytes, bytes, from, length)) return cached.text;
    this.#at = from;
    const text = this.#text(length);
    if (isForbiddenKey(text)) throw malformed(explain && 'forbidden key');
    const copy = new Uint8Array(length);
    copy.set(bytes.subarray(from, from + length));
    this.#keys[slot] = { bytes: copy, text };
    return text;
  }

  #text(length: number): string {
    const from = this.#skip(length);
    const bytes = this.#bytes;
    if (length <= shortText) {
      let text = '';
      let i = from;
      for (; i < this.#at; i += 1) {
        const byte = bytes[i] as number;
        if (byte > 0x7f) break;
        text += String.fromCharCode(byte);
      }
      if (i === this.#at) return text;
    }
    // A byte order mark is a character like any other.
    this.#decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    try {
      return this.#decoder.decode(bytes.subarray(from, this.#at));
    } catch {
      throw malformed(explain && 'text that is not UTF-8');
    }
  }

  #binary(length: number): Uint8Array {
    const from = this.#skip(length);
    // A copy: a view would keep the whole packet alive, and show it.
    const copy = new Uint8Array(length);
    copy.set(this.#bytes.subarray(from, this.#at));
    return copy;
  }
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw malformed(explain && 'number that is not finite');
  return value;
}

function sameBytes(key: Uint8Array, bytes: Uint8Array, from: number, length: number): boolean {
  if (key.length !== length) return false;
  for (let i = 0; i < length; i += 1) if (key[i] !== bytes[from + i]) return false;
  return true;
}

function truncated(): WireError {
  return malformed(explain && 'packet ends too early');
}
