// The wire once more, as production bundles for browsers see it: without the explanations, and without what only they need.
import { describe, expect, test, vi } from 'vitest';
import type { HawserError } from '../src/shared/errors.ts';
import { checkWelcome } from '../src/wire/check-welcome.ts';
import { jsonCodec } from '../src/wire/json-codec.ts';
import { msgpackCodec } from '../src/wire/msgpack-codec.ts';
import { parseAny } from '../src/wire/packet-samples.ts';
import { WireError } from '../src/wire/wire-error.ts';
import './vectors.test.ts';
import './wire-hostile.test.ts';
import './wire-properties.test.ts';

vi.mock('../src/shared/explain.ts', () => ({ explain: false }));

const codecs = [
  ['json', jsonCodec],
  ['msgpack', msgpackCodec],
] as const;

const nested = (levels: number): unknown => (levels === 0 ? 0 : [nested(levels - 1)]);
const keys = (count: number): unknown => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 0]));
const cycle: unknown[] = [];
cycle.push(cycle);

describe.each(codecs)('%s in production', (_, codec) => {
  const delivered = (data: unknown): unknown =>
    (codec.decode(codec.encodePacket(1, 0, [codec.encodeFrame([1, 'x', data])])) as unknown[][])[2]?.[2];

  test.each<[string, unknown]>([
    ['NaN', { a: [Number.NaN] }],
    ['an infinity', Number.NEGATIVE_INFINITY],
    ['a function', { a: () => 0 }],
    ['a symbol', [Symbol('s')]],
    ['a bigint', { a: 1n }],
    ['a cycle', cycle],
    ['63 levels', nested(63)],
    ['10,001 keys', keys(10_001)],
    ['__proto__', JSON.parse('{"a":{"__proto__":1}}')],
    ['constructor', { constructor: 1 }],
    ['prototype', [{ prototype: 1 }]],
    ['what toJSON makes of it', { toJSON: () => ({ a: Number.NaN }) }],
    ['half a surrogate pair in a key', { a: [{ '\ud800': 1, '\ud801': 2 }] }],
    ['bytes of another type', { a: new Float32Array(1) }],
    ['bytes of another type out of toJSON', { a: { toJSON: () => new DataView(new ArrayBuffer(1)) } }],
  ])('refuses %s, with a code and without a word', (_what, data) => {
    expect(() => codec.encodeFrame([1, 'x', data])).toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        message: 'INVALID_INPUT, see the errors of @hawser/core',
      }) as Error,
    );
  });

  test('keeps the error of a value that throws as cause', () => {
    const cause = new Error('broken');
    const value = {
      get a(): never {
        throw cause;
      },
    };
    let error: unknown;
    try {
      codec.encodeFrame([1, 'x', value]);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'INVALID_INPUT', cause });
  });

  test('sends what passes everywhere', () => {
    expect(delivered(nested(62))).toEqual(nested(62));
    expect(delivered(keys(10_000))).toEqual(keys(10_000));
    expect(delivered({ at: new Date(0), a: undefined, b: [undefined], half: '\ud800' })).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      b: [null],
      half: '\ufffd',
    });
    expect(delivered(Object.assign(Object.create({ inherited: () => 0 }) as object, { a: 1 }))).toEqual({ a: 1 });
  });

  test('sends as JSON would what only explanations keep back', () => {
    const data = [
      new Map([[1, 2]]),
      new Set([1]),
      /x/,
      Object('boxed'),
      Object(5),
      Object(false),
      new Date(Number.NaN),
    ];
    expect(delivered(data)).toEqual([{}, {}, {}, 'boxed', 5, false, null]);
    expect(delivered(Object(Number.NaN))).toBeNull();
  });
});

test('bytes travel in MessagePack alone', () => {
  for (const data of [new Uint8Array(1), Buffer.from('x')]) {
    expect(() => jsonCodec.encodeFrame([1, 'x', data])).toThrow(/INVALID_INPUT/);
    expect(msgpackCodec.decode(msgpackCodec.encodeFrame([1, 'x', data]))).toEqual([1, 'x', new Uint8Array(data)]);
  }
});

test('what the other side does wrong closes with a code and without a word', () => {
  const faults: (() => unknown)[] = [
    () => jsonCodec.decode('{'),
    () => jsonCodec.decode('{"__proto__":1}'),
    () => jsonCodec.decode(new Uint8Array(1)),
    () => parseAny([0]),
    () => parseAny([0, 0, [1, 'x']]),
    () => parseAny([1, 0, [2, 0, 'x']]),
    () => checkWelcome({}),
  ];
  for (const fault of faults) {
    expect(fault).toThrow(WireError);
    expect(fault).toThrow(expect.objectContaining({ closeCode: 4400, message: '' }) as Error);
  }
});

test('a toJSON that sends something it must not ends in the same code', () => {
  const value = { toJSON: () => jsonCodec.encodeFrame([1, 'inner', Number.NaN]) };
  expect(() => jsonCodec.encodeFrame([1, 'x', value])).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT' } satisfies Partial<HawserError>) as Error,
  );
});
