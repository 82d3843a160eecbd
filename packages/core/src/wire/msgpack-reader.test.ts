import { encode } from '@msgpack/msgpack';
import { describe, expect, test } from 'vitest';
import { msgpackCodec } from './msgpack-codec.ts';
import { MsgpackReader } from './msgpack-reader.ts';
import { WireError } from './wire-error.ts';

const reader = new MsgpackReader();
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

function reasonOf(data: Uint8Array): string {
  try {
    reader.read(data);
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
    expect((error as WireError).closeCode).toBe(4400);
    return (error as WireError).message;
  }
  return 'accepted';
}

test('a text message on a binary connection is refused', () => {
  expect(() => msgpackCodec.decode('[0,0]')).toThrow('text message where binary was agreed');
});

describe('sizes that are only claimed', () => {
  test.each([
    ['array 16', 'dcffff'],
    ['array 32', 'ddffffffff'],
    ['text 8', 'd9ff'],
    ['text 16', 'daffff'],
    ['text 32', 'dbffffffff'],
    ['bytes 8', 'c4ff'],
    ['bytes 16', 'c5ffff'],
    ['bytes 32', 'c6ffffffff'],
    ['map 16', 'de2710'],
  ])('%s', (_, hex) => expect(reasonOf(bytes(hex))).toBe('packet ends too early'));

  test('a map of more than 10,000 keys', () => {
    expect(reasonOf(bytes('dfffffffff'))).toBe('too many keys in a map');
    expect(reasonOf(bytes('de2711'))).toBe('too many keys in a map');
  });

  test('nested claims that all fit into what is left take no memory', () => {
    // 60 arrays inside each other, each claiming the 200,000 bytes behind it: 96 MB if they were allocated.
    const packet = new Uint8Array(200_000).fill(0xc0);
    for (let i = 0; i < 60; i += 1) packet.set([0xdd, 0x00, 0x02, 0xf0, 0x00], i * 5);
    const before = process.memoryUsage().heapUsed;
    expect(reasonOf(packet)).toBe('packet ends too early');
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(32 * 2 ** 20);
  });

  test.each([
    'cc',
    'cd00',
    'ce000000',
    'cf00000000000000',
    'd0',
    'd100',
    'd2000000',
    'd300000000000000',
    'ca000000',
    'cb00',
    'd9',
    'da00',
    'db000000',
    'dc00',
    'de00',
    'c4',
    '81',
    '81a1',
    '81d9',
    '91',
  ])('a value cut off after %s', (hex) => expect(reasonOf(bytes(hex))).toBe('packet ends too early'));
});

test('a view into a larger buffer is read from where it begins to where it ends', () => {
  const packet = encode([1.5, 'x', { a: 70_000 }]);
  const larger = new Uint8Array(packet.length + 20).fill(0xff);
  larger.set(packet, 7);
  expect(reader.read(larger.subarray(7, 7 + packet.length))).toEqual([1.5, 'x', { a: 70_000 }]);
  expect(reasonOf(larger.subarray(7, 6 + packet.length))).toBe('packet ends too early');
  expect(reasonOf(larger.subarray(7, 8 + packet.length))).toBe('bytes after the end of the packet');
});

test('byte strings are plain copies, also out of a Node buffer', () => {
  const packet = Buffer.from(encode([new Uint8Array([1, 2, 3])]));
  const [value] = reader.read(packet) as [Uint8Array];
  packet.fill(0);
  expect(value).toStrictEqual(new Uint8Array([1, 2, 3]));
  expect(value.buffer.byteLength).toBe(3);
  expect(Object.keys(packet).filter((key) => !/^\d+$/.test(key))).toEqual([]);
});

test('nesting: 64 levels pass, 65 do not, in arrays and maps', () => {
  const arrays = (levels: number): Uint8Array => bytes('91'.repeat(levels - 1) + '90');
  const maps = (levels: number): Uint8Array => bytes('81a161'.repeat(levels - 1) + '80');
  for (const nested of [arrays, maps]) {
    expect([63, 64, 65].map((levels) => reasonOf(nested(levels)))).toEqual(['accepted', 'accepted', 'nested too deep']);
  }
  expect(reasonOf(bytes('91'.repeat(1_000_000)))).toBe('nested too deep');
});

test('keys: 10,000 in one map pass', () => {
  const map = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, i]));
  expect(reader.read(encode(map))).toEqual(map);
});

describe('keys', () => {
  test('are told apart although they share a slot of the cache', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `key${i}`);
    for (const name of names) expect(reader.read(encode({ [name]: 1 }))).toEqual({ [name]: 1 });
    for (const name of names.slice(0, 100)) expect(reader.read(encode({ [name]: 1 }))).toEqual({ [name]: 1 });
  });

  test('of the same length that differ in one byte are told apart', () => {
    expect(reader.read(encode({ aaa1: 1, aaa2: 2, baa1: 3 }))).toEqual({ aaa1: 1, aaa2: 2, baa1: 3 });
  });

  test('may be any text', () => {
    const map = { '': 0, é: 1, ['k'.repeat(31)]: 2, ['k'.repeat(32)]: 3, ['k'.repeat(300)]: 4, '\u0000': 5 };
    expect(reader.read(encode(map))).toEqual(map);
    expect(reader.read(encode(map))).toEqual(map);
  });

  test('forbidden ones are refused the second time too', () => {
    for (let i = 0; i < 2; i += 1) expect(reasonOf(encode(JSON.parse('{"__proto__":1}')))).toBe('forbidden key');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('that every object inherits are keys like others, but not twice', () => {
    const map = { toString: 1, hasOwnProperty: 2, valueOf: null };
    expect(reader.read(encode(map))).toEqual(map);
    expect(reasonOf(bytes('82a8746f537472696e6701a8746f537472696e6702'))).toBe('the same key twice in a map');
    expect(reasonOf(bytes('82a161c0a161c0'))).toBe('the same key twice in a map');
  });
});

describe('text', () => {
  test.each([
    '',
    'a',
    'a'.repeat(12),
    'a'.repeat(13),
    'é',
    'aaaaaaé',
    '\ufeff',
    '\ufeffabc',
    'a\ufeff',
    '😀'.repeat(50),
    '\u0000',
  ])('arrives as it was: %j', (text) => expect(reader.read(encode([text, 1]))).toEqual([text, 1]));

  test.each(['a1ff', 'a2c328', 'a2c0af', 'a3eda080', 'a3e28228', 'a4f4908080', 'a1c3', `ad${'61'.repeat(12)}ff`])(
    'that is not UTF-8 is refused: %s',
    (hex) => expect(reasonOf(bytes(hex))).toBe('text that is not UTF-8'),
  );
});

describe('numbers', () => {
  test.each([
    ['cf001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['d3ffe0000000000001', -Number.MAX_SAFE_INTEGER],
    ['d3ffffffffffffffff', -1],
    ['d0ff', -1],
    ['d18000', -32_768],
    ['d280000000', -2_147_483_648],
    ['ceffffffff', 4_294_967_295],
    ['ca3fc00000', 1.5],
  ])('%s', (hex, value) => expect(reader.read(bytes(hex))).toBe(value));

  test.each(['cf0020000000000000', 'cfffffffffffffffff', 'd3ffe0000000000000', 'd38000000000000000'])(
    'beyond 2^53 - 1: %s',
    (hex) => expect(reasonOf(bytes(hex))).toBe('integer beyond 2^53'),
  );

  test.each(['ca7fc00000', 'ca7f800000', 'caff800000', 'cb7ff8000000000000', 'cbfff0000000000000'])(
    'not finite: %s',
    (hex) => expect(reasonOf(bytes(hex))).toBe('number that is not finite'),
  );
});

test('every type that is no data is refused', () => {
  for (const marker of [0xc1, 0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8]) {
    const data = new Uint8Array(30);
    data[0] = marker;
    expect(reasonOf(data)).toBe('MessagePack type that no packet may contain');
  }
});
