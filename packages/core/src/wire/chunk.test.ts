import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeChunk, first, givenUp, last, maxChunk, minChunk, ofFrame, parseChunk, type Chunk } from './chunk.ts';
import { WireError } from './wire-error.ts';

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(7);
const plain: Chunk = { seq: 1, ack: 0, id: 3, flags: 0, total: 0, bytes: bytes(minChunk) };

function refused(data: Uint8Array): boolean {
  try {
    parseChunk(data);
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
    return (error as WireError).closeCode === 4400;
  }
  return false;
}

describe('chunks', () => {
  it('come back as they were written', () => {
    const count = fc.maxSafeNat();
    const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    const flags = fc.constantFrom(0, last, ofFrame, ofFrame | first, ofFrame | last, ofFrame | first | last);
    fc.assert(
      fc.property(id, count, id, flags, count, fc.integer({ min: minChunk, max: 3_000 }), (seq, ack, of, f, t, n) => {
        const chunk = { seq, ack, id: of, flags: f, total: f & first ? t : 0, bytes: bytes(n) };
        expect(parseChunk(encodeChunk(chunk))).toEqual(chunk);
      }),
    );
  });

  it('never read beyond what came, whatever came', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (junk) => {
        const data = Uint8Array.of(0xc1, ...junk);
        if (!refused(data)) expect(parseChunk(data).bytes.length).toBeLessThan(data.length);
      }),
    );
  });

  it('are cut off nowhere without being refused', () => {
    const data = encodeChunk({ ...plain, seq: 300, flags: ofFrame | first, total: 70_000 });
    for (let length = 1; length < data.length; length += 1) expect(refused(data.subarray(0, length))).toBe(true);
  });

  it.each([
    ['nothing of a frame', ofFrame | last, 0, true],
    ['one byte that is the last of a frame', ofFrame | last, 1, false],
    ['nothing, as the end of an upload', last, 0, false],
    ['nothing in the middle', 0, 0, true],
    ['too little in the middle', 0, minChunk - 1, true],
    ['just enough', ofFrame, minChunk, false],
    ['the most there may be', ofFrame, maxChunk, false],
    ['one byte too many', last, maxChunk + 1, true],
    ['nothing, when given up', ofFrame | givenUp, 0, false],
    ['bytes, when given up', ofFrame | givenUp, minChunk, true],
  ])('with %s', (_, flags, length, isRefused) => {
    expect(refused(encodeChunk({ ...plain, flags, bytes: bytes(length) }))).toBe(isRefused);
  });

  it.each([2, 6, 8, 11, 13, 15, 16, 128, 255])('with flags %i are refused', (flags) => {
    expect(refused(encodeChunk({ ...plain, flags, total: 5 }))).toBe(true);
  });

  it.each([
    ['seq 0', { seq: 0 }],
    ['id 0', { id: 0 }],
  ])('with %s are refused', (_, part) => expect(refused(encodeChunk({ ...plain, ...part }))).toBe(true));

  it('write numbers one way only', () => {
    const body = [...bytes(minChunk)];
    expect(refused(Uint8Array.of(0xc1, 1, 0, 3, 0, ...body))).toBe(false);
    // 1 in two bytes; 2^53; nine bytes.
    expect(refused(Uint8Array.of(0xc1, 0x81, 0, 0, 3, 0, ...body))).toBe(true);
    expect(refused(Uint8Array.of(0xc1, 1, ...Array<number>(7).fill(0x80), 0x10, 3, 0, ...body))).toBe(true);
    expect(refused(Uint8Array.of(0xc1, 1, ...Array<number>(8).fill(0x80), 1, 3, 0, ...body))).toBe(true);
    expect(parseChunk(Uint8Array.of(0xc1, 1, ...Array<number>(7).fill(0xff), 0x0f, 3, 0, ...body)).ack).toBe(
      Number.MAX_SAFE_INTEGER,
    );
  });
});
