import { expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

it.each([
  [{ b: 1, a: 2 }, '{"a":2,"b":1}'],
  [{ b: [{ d: 1, c: 2 }], a: null }, '{"a":null,"b":[{"c":2,"d":1}]}'],
  [{ 2: 'b', 10: 'c', 1: 'a' }, '{"1":"a","2":"b","10":"c"}'],
  [new Date(0), '"1970-01-01T00:00:00.000Z"'],
  [{ at: new Date(0), skipped: undefined }, '{"at":"1970-01-01T00:00:00.000Z"}'],
  [[3, 1, 2], '[3,1,2]'],
  ['ada', '"ada"'],
  [undefined, ''],
])('%o is %s', (value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

it('keeps keys that mean something to objects', () => {
  expect(canonicalJson(JSON.parse('{"z":1,"__proto__":{"b":1,"a":2},"constructor":3}'))).toBe(
    '{"__proto__":{"a":2,"b":1},"constructor":3,"z":1}',
  );
});

it('refuses what JSON cannot hold', () => {
  const loop: Record<string, unknown> = {};
  loop['self'] = loop;
  expect(() => canonicalJson(loop)).toThrow();
  expect(() => canonicalJson({ id: 1n })).toThrow(TypeError);
});
