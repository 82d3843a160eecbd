import { describe, expect, test } from 'vitest';
import { isWellFormed, utf8Length, utf8Prefix } from './utf8.ts';

const texts = [
  '',
  'a',
  'plain ASCII',
  '\u007f\u0080',
  '\u07ff\u0800',
  'é€😀',
  '\ud83d',
  '\ude00',
  'a\ud83db',
  '\ude00\ud83d',
  '😀\ud83d',
];

describe('utf8Length', () => {
  test.each(texts)('counts %j as the platform encodes it', (text) => {
    expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
  });
});

describe('utf8Prefix', () => {
  test('leaves alone what fits, to the byte', () => {
    expect(utf8Prefix('abc', 3)).toBe('abc');
    expect(utf8Prefix('abc', 2)).toBe('ab');
    expect(utf8Prefix('aé', 3)).toBe('aé');
    expect(utf8Prefix('aé', 2)).toBe('a');
  });

  test('never cuts a character in half', () => {
    expect(utf8Prefix('a😀', 4)).toBe('a');
    expect(utf8Prefix('a😀b', 5)).toBe('a😀');
    expect(utf8Prefix('€€€', 8)).toBe('€€');
  });

  test('is never longer than asked', () => {
    for (const text of texts) {
      for (let limit = 0; limit < 12; limit += 1)
        expect(utf8Length(utf8Prefix(text, limit))).toBeLessThanOrEqual(limit);
    }
  });
});

test('isWellFormed finds halves of surrogate pairs', () => {
  expect(['', 'a', 'é€😀', '\ufffd'].map(isWellFormed)).toEqual([true, true, true, true]);
  expect(['\ud83d', '\ude00', 'a\ud83db', '\ude00\ud83d'].map(isWellFormed)).toEqual([false, false, false, false]);
});
