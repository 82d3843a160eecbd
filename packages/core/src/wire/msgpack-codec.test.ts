import { decode as referenceDecode, encode as referenceEncode } from '@msgpack/msgpack';
import { describe, expect, test } from 'vitest';
import type { HawserError } from '../shared/errors.ts';
import type { Encoded } from './codec.ts';
import type { Frame } from './frame.ts';
import { msgpackCodec } from './msgpack-codec.ts';

const encode = (frame: Frame): Uint8Array => msgpackCodec.encodeFrame(frame) as Uint8Array;
const hex = (encoded: Encoded): string => Buffer.from(encoded as Uint8Array).toString('hex');
const roundTrip = (data: unknown): unknown => (msgpackCodec.decode(encode([1, 'x', data])) as unknown[])[2];

function refusal(frame: Frame): HawserError {
  try {
    encode(frame);
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_INPUT', origin: 'system' });
    return error as HawserError;
  }
  throw new Error('accepted');
}

describe('encodeFrame', () => {
  test('leaves out what is undefined at the end, and writes nil for it in between', () => {
    expect(hex(encode([1, 'x']))).toBe('9201a178');
    expect(hex(encode([1, 'x', undefined]))).toBe('9201a178');
    expect(hex(encode([1, 'x', undefined, { dl: 5 }]))).toBe('9401a178c081a2646c05');
  });

  test('leaves out undefined members, also when the head of the map shrinks by that', () => {
    const sparse = (defined: number, holes: number): Record<string, unknown> =>
      Object.fromEntries(Array.from({ length: defined + holes }, (_, i) => [`k${i}`, i < holes ? undefined : i]));
    for (const [defined, holes] of [
      [0, 1],
      [1, 1],
      [15, 1],
      [15, 20],
      [16, 4],
      [100, 50],
    ] as const) {
      const map = sparse(defined, holes);
      const kept = JSON.parse(JSON.stringify(map)) as unknown;
      expect(hex(encode([1, 'x', [map, 'after']]))).toBe(hex(referenceEncode([1, 'x', [kept, 'after']])));
    }
    const dropped = { a: 1, b: { toJSON: () => undefined }, c: 2 };
    expect(hex(encode([1, 'x', dropped]))).toBe(hex(referenceEncode([1, 'x', { a: 1, c: 2 }])));
  });

  test('uses toJSON as the application defined it', () => {
    expect(roundTrip({ at: new Date(0), list: [{ toJSON: (key: string) => `item ${key}` }] })).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      list: ['item 0'],
    });
  });

  test('refuses what would be lost or would close the connection', () => {
    expect(refusal([1, 'x', { a: Number.NaN }]).message).toMatch(/payload\.a is NaN/);
    expect(refusal([1, 'x', 1n]).message).toMatch(/is a bigint/);
    expect(refusal([1, 'x', JSON.parse('{"__proto__":1}')]).message).toMatch(/forbidden key/);
    expect(refusal([1, 'x', new Map([['a', 1]])]).message).toMatch(/is a Map/);
    expect(refusal([1, 'x', { '\ud800': 1, '\ud801': 2 }]).message).toMatch(/key .* half a surrogate pair/);
  });

  test('a value that throws leaves the writer as it was', () => {
    let calls = 0;
    // Passes the check, fails while it is written.
    const late = {
      toJSON: () => {
        calls += 1;
        if (calls > 1) throw new Error('late');
        return 1;
      },
    };
    const before = encode([1, 'before', 'x'.repeat(20)]);
    const copy = before.slice();
    expect(refusal([1, 'x', { a: 'y'.repeat(500), late }]).cause).toMatchObject({ message: 'late' });
    const after = encode([1, 'after', 'z'.repeat(20)]);
    expect(before).toEqual(copy);
    expect(msgpackCodec.decode(after)).toEqual([1, 'after', 'z'.repeat(20)]);
  });

  test('a value that changes its mind while it is written is refused', () => {
    let calls = 0;
    const fickle = { toJSON: () => ((calls += 1) > 1 ? () => 0 : 1) };
    expect(refusal([1, 'x', fickle]).cause).toBeInstanceOf(TypeError);
  });

  test('nor does it send what ends the connection, when it changes its mind to a number or a view that cannot travel', () => {
    const fickle = (later: unknown): unknown => {
      let calls = 0;
      return { toJSON: () => ((calls += 1) > 1 ? later : 1) };
    };
    expect(roundTrip([fickle(Number.NaN), fickle(Number.NEGATIVE_INFINITY)])).toEqual([null, null]);
    for (const view of [new DataView(new ArrayBuffer(2)), new Float32Array(2)]) {
      expect(roundTrip({ a: fickle(view) })).toEqual({ a: JSON.parse(JSON.stringify(view)) as unknown });
    }
  });

  test('a toJSON may encode a frame of its own', () => {
    const inner: Uint8Array[] = [];
    const value = {
      first: 'a'.repeat(30),
      nested: {
        toJSON: () => {
          inner.push(encode([1, 'inner', 'b'.repeat(30)]));
          return 'c'.repeat(30);
        },
      },
    };
    const outer = encode([1, 'outer', value]);
    expect(msgpackCodec.decode(outer)).toEqual([1, 'outer', { first: 'a'.repeat(30), nested: 'c'.repeat(30) }]);
    for (const frame of inner) expect(msgpackCodec.decode(frame)).toEqual([1, 'inner', 'b'.repeat(30)]);
    expect(inner).toHaveLength(2);
  });

  test('frames stay as they were while others are encoded, whatever their size', () => {
    const sizes = [0, 1, 10, 900, 1_000, 1_010, 1_020, 1_024, 1_030, 3_000, 8_190, 8_192, 9_000, 70_000, 5, 200_000, 7];
    const texts = Array.from({ length: 400 }, (_, i) => String(i % 10).repeat(sizes[i % sizes.length] as number));
    const frames = texts.map((text) => encode([1, 'x', text]));
    expect(frames.map((frame) => (msgpackCodec.decode(frame) as unknown[])[2])).toEqual(texts);
  });

  test('a small frame does not keep the memory of a large one alive', () => {
    encode([1, 'x', 'y'.repeat(300_000)]);
    expect(encode([1, 'x', 'y']).buffer.byteLength).toBeLessThanOrEqual(8_192);
    const large = encode([1, 'x', 'y'.repeat(300_000)]);
    expect(large.buffer.byteLength).toBe(large.length);
  });

  test('small frames share a buffer, also after a large one and after a failed one', () => {
    const shares = (): boolean => encode([1, 'x', 'a']).buffer === encode([1, 'x', 'b']).buffer;
    encode([1, 'x', 'y'.repeat(300_000)]);
    expect(shares()).toBe(true);
    expect(() => encode([1, 'x', { '\ud800': 1 }])).toThrow();
    expect(shares()).toBe(true);
  });

  test('text takes the shortest head at every border, in any script', () => {
    for (const unit of ['a', 'é', '€', '😀']) {
      for (const length of [
        1, 7, 8, 10, 11, 15, 16, 31, 32, 47, 48, 49, 63, 64, 85, 86, 127, 128, 255, 256, 21_845, 21_846, 65_535, 65_536,
      ]) {
        const text = unit.repeat(length);
        expect(hex(encode([1, 'x', text]))).toBe(hex(referenceEncode([1, 'x', text])));
      }
    }
  });

  test('half a surrogate pair becomes U+FFFD in short and in long text', () => {
    expect(roundTrip('a\ud83d')).toBe('a\ufffd');
    expect(roundTrip(`${'a'.repeat(100)}\ude00`)).toBe(`${'a'.repeat(100)}\ufffd`);
  });

  test('arrays, maps and bytes take the shortest head at every border', () => {
    for (const length of [0, 15, 16, 65_535, 65_536]) {
      const values: unknown[] = [Array.from({ length }, () => null), new Uint8Array(length)];
      if (length < 10_000) values.push(Object.fromEntries(Array.from({ length }, (_, i) => [`k${i}`, i])));
      for (const value of values) expect(hex(encode([1, 'x', value]))).toBe(hex(referenceEncode([1, 'x', value])));
    }
    for (const length of [255, 256]) {
      expect(hex(encode([1, 'x', new Uint8Array(length)]))).toBe(
        hex(referenceEncode([1, 'x', new Uint8Array(length)])),
      );
    }
  });

  test('what it writes others can read', () => {
    const data = { a: [1, -1, 1.5, 2 ** 40, -(2 ** 40)], ключ: 'значение', n: null, b: new Uint8Array([1, 2]) };
    expect(referenceDecode(encode([1, 'x', data]))).toEqual([1, 'x', data]);
  });
});

describe('encodePacket', () => {
  const ping = encode([35]);

  test('glues the header in front of the frames', () => {
    expect(hex(msgpackCodec.encodePacket(0, 57, []))).toBe('920039');
    for (const seq of [0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      expect(hex(msgpackCodec.encodePacket(seq, seq, [ping]))).toBe(hex(referenceEncode([seq, seq, [35]])));
    }
  });

  test.each([13, 14, 65_533, 65_534])('with %i frames', (count) => {
    const packet = msgpackCodec.encodePacket(
      0,
      0,
      Array.from({ length: count }, () => ping),
    );
    expect(hex(packet)).toBe(hex(referenceEncode([0, 0, ...Array.from({ length: count }, () => [35])])));
  });

  test('returns bytes of its own every time', () => {
    const packets = [msgpackCodec.encodePacket(1, 0, [ping]), msgpackCodec.encodePacket(2, 0, [ping])];
    (packets[0] as Uint8Array).fill(0);
    expect(msgpackCodec.decode(packets[1] as Uint8Array)).toEqual([2, 0, [35]]);
    expect(hex(ping)).toBe('9123');
    expect((packets[1] as Uint8Array).buffer.byteLength).toBe((packets[1] as Uint8Array).length);
  });
});

test('byteLength is the number of bytes', () => {
  expect(msgpackCodec.byteLength(encode([1, 'x', 'é']))).toBe(7);
});
