import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { problemInFrame } from './explain-payload.ts';
import { isBytes } from './msgpack-writer.ts';
import { converted, isForbiddenKey, isPlainData } from './plain-data.ts';

const noBytes = (): boolean => false;
const sendable = (data: unknown, bytes: (value: unknown) => boolean = noBytes): boolean =>
  isPlainData([1, 'x', data], '', 2, bytes);
const decodable = (value: unknown): boolean => isPlainData(value, '', 1);

const nested = (levels: number): unknown =>
  levels === 0 ? 0 : levels % 2 ? [nested(levels - 1)] : { a: nested(levels - 1) };
const keys = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 0]));

test('forbidden are three keys and no others', () => {
  expect(['__proto__', 'constructor', 'prototype'].map(isForbiddenKey)).toEqual([true, true, true]);
  expect(['', 'proto', '__proto', '__PROTO__', 'toString', 'constructor '].some(isForbiddenKey)).toBe(false);
});

describe('in both directions', () => {
  test.each<[string, unknown]>([
    ['literals', [null, true, false, 'text', 0, -0, 1.5, Number.MAX_VALUE]],
    ['forbidden words as values', ['__proto__', 'constructor', 'prototype']],
    ['62 levels', nested(62)],
    ['10,000 keys', keys(10_000)],
    ['many keys in many maps', [keys(6_000), keys(6_000)]],
  ])('%s pass', (_, data) => expect([sendable(data), decodable([1, 0, [1, 'x', data]])]).toEqual([true, true]));

  test.each<[string, unknown]>([
    ['a number that is not finite', { a: [Number.POSITIVE_INFINITY] }],
    ['63 levels', nested(63)],
    ['10,001 keys', { a: keys(10_001) }],
    ['__proto__', JSON.parse('{"a":{"__proto__":1}}')],
    ['constructor', [{ constructor: 1 }]],
    ['prototype', { a: { prototype: {} } }],
  ])('%s does not', (_, data) => expect([sendable(data), decodable([1, 0, [1, 'x', data]])]).toEqual([false, false]));
});

describe('to be sent', () => {
  test.each<[string, unknown]>([
    ['NaN', Number.NaN],
    ['a function', { a: () => 0 }],
    ['a symbol', [Symbol('s')]],
    ['bytes', new Uint8Array(1)],
    ['a Node buffer', { a: Buffer.from('x') }],
    ['bytes out of toJSON', { toJSON: () => new Uint8Array(1) }],
    ['bad data out of toJSON', [{ toJSON: () => ({ a: Number.NaN }) }]],
  ])('not %s', (_, data) => expect(sendable(data)).toBe(false));

  test('a cycle ends, however wide the graph is', () => {
    const node: { children: unknown[] } = { children: [] };
    for (let i = 0; i < 50; i += 1) node.children.push({ parent: node });
    expect(sendable(node)).toBe(false);
  });

  test('inherited members do not travel, so they may be anything', () => {
    const data = Object.assign(Object.create({ surprise: () => 0, constructor: 5 }) as object, { a: 1 });
    expect(sendable(data)).toBe(true);
    expect(sendable(Object.assign(data, { b: () => 0 }))).toBe(false);
    const many = Object.assign(Object.create(keys(10_000)) as object, { a: 1 });
    expect(sendable(many)).toBe(true);
  });

  test('bytes where the codec carries them, and no other views', () => {
    expect(sendable({ a: new Uint8Array(1), b: Buffer.from('x') }, isBytes)).toBe(true);
    expect(sendable({ toJSON: () => new Uint8Array(1) }, isBytes)).toBe(true);
    expect(sendable(new Float32Array(1), isBytes)).toBe(false);
    expect(sendable(new DataView(new ArrayBuffer(1)), isBytes)).toBe(false);
  });

  test('toJSON is told its key as text, as JSON.stringify does', () => {
    const told: unknown[] = [];
    const value = { toJSON: (key: unknown) => told.push(key) };
    sendable({ a: [value, value], b: value });
    JSON.stringify([1, 'x', { a: [value, value], b: value }]);
    expect(told).toEqual(['0', '1', 'b', '0', '1', 'b']);
  });

  test('refused is what the explained check refuses, but for classes that JSON writes somehow', () => {
    const anything = fc.anything({
      withDate: true,
      withMap: true,
      withSet: true,
      withBigInt: true,
      withBoxedValues: true,
      withNullPrototype: true,
      withSparseArray: true,
      withTypedArray: true,
      key: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'prototype', 'toJSON')),
    });
    fc.assert(
      fc.property(anything, fc.constantFrom(noBytes, isBytes), (data, bytes) => {
        const problem = problemInFrame([1, 'x', data], bytes);
        if (!sendable(data, bytes)) expect(problem).toBeDefined();
        else
          expect(problem ?? ' is an invalid date').toMatch(
            / is a bigint; | is an invalid date$| is a [\w ]+; send plain data$/,
          );
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('decoded', () => {
  test('toJSON is data like any other', () => {
    expect(decodable({ toJSON: { a: 1 } })).toBe(true);
    const prototype = Array.prototype as { toJSON?: () => unknown };
    prototype.toJSON = () => 0;
    try {
      expect(decodable([0, 0, [1, 'x', JSON.parse('[{"__proto__":1}]')]])).toBe(false);
    } finally {
      delete prototype.toJSON;
    }
  });
});

test('conversion is what JSON.stringify does', () => {
  expect(converted(new Date(0), '')).toBe('1970-01-01T00:00:00.000Z');
  expect(converted({ toJSON: (key: string) => [key] }, 3)).toEqual(['3']);
  for (const value of [null, undefined, 'text', 5, 1n, { toJSON: 5 }, [1]]) expect(converted(value, '')).toBe(value);
  const prototype = String.prototype as { toJSON?: () => unknown };
  prototype.toJSON = () => 0;
  try {
    expect(converted('text', '')).toBe('text');
  } finally {
    delete prototype.toJSON;
  }
});
