import { expect, test } from 'vitest';
import { isIgnorable, isSequenced } from './frame-kind.ts';

const kinds = Array.from({ length: 128 }, (_, kind) => kind);

test('kinds 0-31 and 64-95 are sequenced', () => {
  expect(kinds.filter(isSequenced)).toEqual(kinds.filter((kind) => kind <= 31 || (kind >= 64 && kind <= 95)));
});

test('kinds 64-127 may be ignored', () => {
  expect([...kinds, 128, 200, 1_000, -1].filter(isIgnorable)).toEqual(kinds.filter((kind) => kind >= 64));
});
