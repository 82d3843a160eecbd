import { describe, expect, test } from 'vitest';
import type { HawserError } from '../shared/errors.ts';
import type { Frame } from './frame.ts';
import { jsonCodec } from './json-codec.ts';
import { WireError } from './wire-error.ts';

/** What `decode` says of a value it could parse and does not accept. */
const notPlain = 'nested too deep, a forbidden key, too many keys in a map, or a number out of range';

const decode = (text: string): unknown => jsonCodec.decode(text);

function reasonOf(text: string | Uint8Array): string {
  try {
    jsonCodec.decode(text);
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
    expect((error as WireError).closeCode).toBe(4400);
    return (error as WireError).message;
  }
  return 'accepted';
}

function refusal(frame: Frame): HawserError {
  try {
    jsonCodec.encodeFrame(frame);
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_INPUT', origin: 'system', executed: 'no', retryable: false });
    return error as HawserError;
  }
  throw new Error('accepted');
}

describe('encodeFrame', () => {
  test('leaves out what is undefined at the end, and writes null for it in between', () => {
    expect(jsonCodec.encodeFrame([1, 'x'])).toBe('[1,"x"]');
    expect(jsonCodec.encodeFrame([1, 'x', undefined])).toBe('[1,"x"]');
    expect(jsonCodec.encodeFrame([1, 'x', undefined, { dl: 5 }])).toBe('[1,"x",null,{"dl":5}]');
    expect(jsonCodec.encodeFrame([4, 1, 'X', 'm', undefined, null])).toBe('[4,1,"X","m",null,null]');
    expect(jsonCodec.encodeFrame([1, 'x', null])).toBe('[1,"x",null]');
  });

  test('does not change the frame it was given', () => {
    const frame: Frame = [1, 'x', undefined];
    jsonCodec.encodeFrame(frame);
    expect(frame).toHaveLength(3);
  });

  test('uses toJSON as the application defined it', () => {
    expect(jsonCodec.encodeFrame([1, 'x', { at: new Date(0), money: { toJSON: (key: string) => `${key}!` } }])).toBe(
      '[1,"x",{"at":"1970-01-01T00:00:00.000Z","money":"money!"}]',
    );
  });

  test('refuses what would be lost or would close the connection', () => {
    expect(refusal([1, 'x', { a: Number.NaN }]).message).toBe(
      'Nothing was sent: payload.a is NaN; send a finite number or null.',
    );
    expect(refusal([1, 'x', 1n]).message).toMatch(/is a bigint/);
    expect(refusal([1, 'x', () => 0]).message).toMatch(/is a function/);
    expect(refusal([1, 'x', JSON.parse('{"__proto__":1}')]).message).toMatch(/forbidden key/);
    expect(refusal([1, 'x', new Uint8Array(2)]).message).toMatch(/MessagePack/);
  });

  test('keeps the error of a value that throws as cause', () => {
    const cause = new Error('broken');
    const value = {
      get a(): never {
        throw cause;
      },
    };
    expect(refusal([1, 'x', value]).cause).toBe(cause);
  });

  test('writes U+FFFD for half a surrogate pair, and nothing else differently', () => {
    expect(jsonCodec.encodeFrame([1, 'x', 'a\ud83d'])).toBe('[1,"x","a\ufffd"]');
    expect(jsonCodec.encodeFrame([1, 'x', ['\ude00\ud83d', '😀']])).toBe('[1,"x",["\ufffd\ufffd","😀"]]');
    // An escaped backslash in front of u is text, not an escape.
    for (const text of ['\\ud83d', '\\\\ud83d', 'C:\\udata', '"\\"\\ud800"']) {
      expect(decode(jsonCodec.encodeFrame([1, 'x', text]) as string)).toEqual([1, 'x', text]);
    }
    expect(decode(jsonCodec.encodeFrame([1, 'x', '\\\ud83d']) as string)).toEqual([1, 'x', '\\\ufffd']);
  });

  test('refuses half a surrogate pair in a key, where two could become one', () => {
    expect(refusal([1, 'x', { a: [{ '\ud800': 1, '\ud801': 2 }] }]).message).toMatch(/key .* half a surrogate pair/);
  });
});

describe('encodePacket', () => {
  test('glues the header in front of the frames', () => {
    expect(jsonCodec.encodePacket(0, 57, [])).toBe('[0,57]');
    expect(jsonCodec.encodePacket(7, 0, ['[1,"x"]'])).toBe('[7,0,[1,"x"]]');
    expect(jsonCodec.encodePacket(7, 2, ['[1,"x"]', '[35]'])).toBe('[7,2,[1,"x"],[35]]');
    expect(jsonCodec.encodePacket(Number.MAX_SAFE_INTEGER, 0, ['[3,1]'])).toBe('[9007199254740991,0,[3,1]]');
  });
});

describe('decode', () => {
  test('takes text only', () => {
    expect(reasonOf(new TextEncoder().encode('[0,0]'))).toBe('binary message where text was agreed');
  });

  test('never quotes the payload in its reasons', () => {
    expect(reasonOf('[0,0,"secret')).toBe('not valid JSON');
  });

  test.each(['__proto__', 'constructor', 'prototype'])('refuses the key %s, however it is spelled', (key) => {
    const escaped = [...key].map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
    for (const spelling of [
      key,
      escaped,
      escaped.toUpperCase().replaceAll('\\U', '\\u'),
      escaped.slice(0, 6) + key.slice(1),
    ]) {
      expect(reasonOf(`{"${spelling}":1}`)).toBe(notPlain);
      expect(reasonOf(`[0,0,[1,"x",[{"a":{"${spelling}":{}}}]]]`)).toBe(notPlain);
    }
    expect(reasonOf(`["${key}",{"${key} ":1,"a":"${key}"}]`)).toBe('accepted');
  });

  test('does not touch prototypes on the way', () => {
    reasonOf('[0,0,[1,"x",{"__proto__":{"polluted":true}}]]');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('nesting: 64 levels pass, 65 do not, in arrays, maps and both', () => {
    const arrays = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    const maps = (levels: number): string => '{"a":'.repeat(levels - 1) + '{}' + '}'.repeat(levels - 1);
    for (const nested of [arrays, maps]) {
      expect([63, 64, 65].map((levels) => reasonOf(nested(levels)))).toEqual(['accepted', 'accepted', notPlain]);
    }
    expect(reasonOf(`[${maps(63)}]`)).toBe('accepted');
    expect(reasonOf(`[[0],${maps(64)}]`)).toBe(notPlain);
  });

  test('brackets in text are not nesting', () => {
    expect(reasonOf(JSON.stringify(['['.repeat(500), '{"'.repeat(500)]))).toBe('accepted');
    expect(reasonOf(`[${'[1],'.repeat(500)}1]`)).toBe('accepted');
  });

  test('keys: 10,000 in one map pass, 10,001 do not', () => {
    const keys = (count: number): string => `{${Array.from({ length: count }, (_, i) => `"k${i}":0`).join(',')}}`;
    expect([9_999, 10_000, 10_001].map((count) => reasonOf(keys(count)))).toEqual(['accepted', 'accepted', notPlain]);
    expect(reasonOf(`[${keys(6_000)},${keys(6_000)}]`)).toBe('accepted');
  });
});

test('a number beyond the range of a 64-bit float is refused', () => {
  expect(reasonOf('[1.7976931348623157e308,-1e-999]')).toBe('accepted');
  for (const number of ['1e999', '-1e999', '1.8e308']) expect(reasonOf(`[0,0,[1,"x",[${number}]]]`)).toBe(notPlain);
});

test('byteLength counts UTF-8', () => {
  expect(jsonCodec.byteLength('[1,"x"]')).toBe(7);
  expect(jsonCodec.byteLength('[1,"é€😀"]')).toBe(15);
});
