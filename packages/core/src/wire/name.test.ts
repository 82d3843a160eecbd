import { describe, expect, test } from 'vitest';
import { isName } from './name.ts';

describe('isName', () => {
  test.each(['a', 'setThreshold', 'order.created', 'Grüße', '😀', ' ', 'toString', '__proto__', 'n'.repeat(128)])(
    'takes %j',
    (name) => expect(isName(name)).toBe(true),
  );

  test.each([
    '',
    'n'.repeat(129),
    'a\u0000',
    'a\u001fb',
    'a\u007f',
    'a\r\nb',
    '\ud83d',
    'a\ud83d',
    '\ude00',
    '\ude00\ud83d',
    '\ude00\ude00',
    '\ud83dx',
    5,
    null,
    undefined,
    ['a'],
    { toString: () => 'a' },
  ])('refuses %j', (name) => expect(isName(name)).toBe(false));

  test('counts bytes, not characters', () => {
    expect(isName('é'.repeat(64))).toBe(true);
    expect(isName(`${'é'.repeat(64)}n`)).toBe(false);
    expect(isName(`${'€'.repeat(42)}nn`)).toBe(true);
    expect(isName('€'.repeat(43))).toBe(false);
    expect(isName('😀'.repeat(32))).toBe(true);
    expect(isName(`${'😀'.repeat(32)}n`)).toBe(false);
  });
});
