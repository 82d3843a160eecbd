import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { problemInFrame } from './explain-payload.ts';
import { isBytes } from './msgpack-writer.ts';

const problem = (data: unknown, bytes: (value: unknown) => boolean = () => false): string | undefined =>
  problemInFrame([1, 'x', data], bytes);

class Point {
  x = 1;
  move(): void {}
}

describe('values that may travel', () => {
  const inherited = Object.create({ surprise: () => 0 }) as object;
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['literals', [null, true, false, 'text', 0, -0, 1.5, Number.MAX_VALUE]],
    ['undefined inside', { a: undefined, b: [undefined] }],
    ['a date', new Date(0)],
    ['an instance with fields', new Point()],
    ['a map without prototype', Object.assign(Object.create(null), { a: 1 })],
    ['an empty map without prototype', Object.create(null)],
    ['a function that is only inherited', Object.assign(inherited, { a: 1 })],
    ['a toJSON of its own', { toJSON: () => ({ a: 1 }) }],
    ['an array with a toJSON', Object.assign([() => 0], { toJSON: () => 'plain' })],
    ['a big integer somebody gave a toJSON', Object.assign(Object(1n), { toJSON: () => '1' })],
    ['forbidden words as values', ['__proto__', 'constructor', 'prototype']],
  ])('%s', (_, data) => expect(problem(data)).toBeUndefined());
});

describe('values that may not', () => {
  test.each<[unknown, string]>([
    [Number.NaN, 'payload is NaN; send a finite number or null'],
    [{ a: [1, Number.POSITIVE_INFINITY] }, 'payload.a[1] is Infinity; send a finite number or null'],
    [() => 0, 'payload is a function; send plain data'],
    [{ a: { b: Symbol('s') } }, 'payload.a.b is a symbol; send plain data'],
    [{ n: 1n }, 'payload.n is a bigint; send a string or a number'],
    [new Map([[1, 2]]), 'payload is a Map; send plain data'],
    [{ seen: new Set([1]) }, 'payload.seen is a Set; send plain data'],
    [[/x/], 'payload[0] is a RegExp; send plain data'],
    [
      new (class {
        move(): void {}
      })(),
      'payload is a class instance; send plain data',
    ],
    [new ArrayBuffer(4), 'payload is a ArrayBuffer; send plain data'],
    [Object('boxed'), 'payload is a String; send plain data'],
    [Object(5), 'payload is a Number; send plain data'],
    [{ at: new Date(Number.NaN) }, 'payload.at is an invalid date'],
    [JSON.parse('{"a":{"__proto__":1}}'), 'payload.a.__proto__ is a forbidden key; rename it'],
    [{ constructor: 1 }, 'payload.constructor is a forbidden key; rename it'],
    [[{ prototype: 1 }], 'payload[0].prototype is a forbidden key; rename it'],
    [{ toJSON: () => ({ a: Number.NaN }) }, 'payload.a is NaN; send a finite number or null'],
    // JSON.stringify does not call toJSON on the result of toJSON.
    [{ toJSON: () => new Date(0) }, 'payload is a Date; send plain data'],
    [
      { toJSON: () => new Uint8Array(1) },
      'payload is a Uint8Array; of binary types only Uint8Array travels, and only with the MessagePack codec',
    ],
    [
      new Uint8Array(1),
      'payload is a Uint8Array; of binary types only Uint8Array travels, and only with the MessagePack codec',
    ],
    [
      Buffer.from('x'),
      'payload is a Buffer; of binary types only Uint8Array travels, and only with the MessagePack codec',
    ],
  ])('%o', (data, expected) => expect(problem(data)).toBe(expected));

  test('a cycle, found however wide the graph is', () => {
    const node: { self?: unknown; children: unknown[] } = { children: [] };
    for (let i = 0; i < 50; i += 1) node.children.push({ parent: node });
    expect(problem(node)).toMatch(/is a cycle, or nested deeper than 62 levels$/);
  });
});

test('of binary types only Uint8Array travels, and only where the codec can', () => {
  expect(problem({ a: new Uint8Array(1), b: Buffer.from('x') }, isBytes)).toBeUndefined();
  expect(problem(new Float32Array(1), isBytes)).toBe(
    'payload is a Float32Array; of binary types only Uint8Array travels, and only with the MessagePack codec',
  );
  expect(problem(new DataView(new ArrayBuffer(1)), isBytes)).toMatch(/is a DataView/);
});

test('nesting: 62 levels pass, 63 do not', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 0 : [nested(levels - 1)]);
  expect([61, 62].map((levels) => problem(nested(levels)))).toEqual([undefined, undefined]);
  expect(problem(nested(63))).toMatch(/deeper than 62 levels$/);
});

test('keys: 10,000 pass, 10,001 do not', () => {
  const keys = (count: number): unknown => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 0]));
  expect([9_999, 10_000].map((count) => problem(keys(count)))).toEqual([undefined, undefined]);
  expect(problem(keys(10_001))).toMatch(/has more than 10000 keys/);
});

test('plain objects of another realm are plain', () => {
  expect(problem(runInNewContext('({ empty: {}, list: [{}] })'))).toBeUndefined();
  expect(problem(runInNewContext('new Map([[1, 2]])'))).toBe('payload is a Map; send plain data');
});

test('toJSON is told its key as text, as JSON.stringify does', () => {
  const keys: unknown[] = [];
  const value = { toJSON: (key: unknown) => keys.push(key) };
  problem({ a: [value, value], b: value });
  JSON.stringify([1, 'x', { a: [value, value], b: value }]);
  expect(keys).toEqual(['0', '1', 'b', '0', '1', 'b']);
});

test('every element of a frame is looked at', () => {
  expect(problemInFrame([2, 1, 'x', 0, { dl: Number.NaN }], () => false)).toMatch(/^payload\.dl is NaN/);
  expect(problemInFrame([4, 1, 'X', 'm', { a: Number.NaN }, null], () => false)).toMatch(/^payload\.a is NaN/);
});
