import { expect, test } from 'vitest';
import { CloseCode } from './close-code.ts';

const codes = Object.values(CloseCode);

test('no code has two names', () => {
  expect(new Set(codes).size).toBe(codes.length);
});

test('codes of Hawser lie in the two classes whose meaning unknown codes share', () => {
  expect(codes.filter((code) => code >= 3_000 && (code < 4_400 || code > 4_599))).toEqual([]);
});
