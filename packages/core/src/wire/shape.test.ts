import { describe, expect, test } from 'vitest';
import { isBoolean, isText } from './field.ts';
import { fits, misfit, optional, type Shape } from './shape.ts';

const shape: Shape = {
  a: isText,
  b: { c: isBoolean, d: { e: isText } },
  f: optional(isText),
  g: optional({ h: isText }),
};
const good = { a: '', b: { c: false, d: { e: 'x' } } };

describe('a value that fits', () => {
  test.each([good, { ...good, f: 'x', g: { h: 'y' }, later: 1 }, { ...good, f: undefined, g: undefined }])(
    '%j',
    (value) => {
      expect(fits(value, shape)).toBe(true);
    },
  );

  test('passes a test, where there is one instead of a map', () => {
    expect([fits('x', isText), fits(5, isText)]).toEqual([true, false]);
  });
});

test.each<[unknown, string]>([
  [undefined, 'it'],
  [null, 'it'],
  ['text', 'it'],
  [[''], 'it'],
  [{}, 'it.a'],
  [{ ...good, a: 5 }, 'it.a'],
  [{ ...good, b: null }, 'it.b'],
  [{ ...good, b: { c: 1 } }, 'it.b.c'],
  [{ ...good, b: { c: true, d: [] } }, 'it.b.d'],
  [{ ...good, b: { c: true, d: { e: 1 } } }, 'it.b.d.e'],
  [{ ...good, f: null }, 'it.f'],
  [{ ...good, g: {} }, 'it.g'],
])('%j does not fit', (value, place) => {
  expect(fits(value, shape)).toBe(false);
  expect(misfit(value, shape, 'it')).toBe(`${place} is missing or wrong`);
});
