import { encode } from '@msgpack/msgpack';
import { describe, expect, test } from 'vitest';
import type { Encoded } from '../src/wire/codec.ts';
import { jsonCodec } from '../src/wire/json-codec.ts';
import { msgpackCodec } from '../src/wire/msgpack-codec.ts';
import { parseAny } from '../src/wire/packet-samples.ts';
import { utf8Length } from '../src/wire/utf8.ts';
import { WireError } from '../src/wire/wire-error.ts';

/** Something no reason may quote, wherever it stands in a packet. */
const secret = 'hunter2';

type Verdict = 'delivered' | 4400;

/** Every input runs against both codecs where both can write it; `json` and `msgpack` are for those only one can. */
interface Case {
  readonly what: string;
  readonly value?: unknown;
  readonly json?: string;
  readonly msgpack?: Uint8Array;
  readonly verdict: Verdict;
}

const nested = (levels: number): unknown => {
  let value: unknown = secret;
  for (let i = 0; i < levels; i += 1) value = i % 2 === 0 ? [value] : { a: value };
  return value;
};
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const withKey = (text: string): unknown => [1, 0, [1, 'x', JSON.parse(`{"a":{"${text}":{"polluted":"${secret}"}}}`)]];

const cases: readonly Case[] = [
  { what: 'H01 no JSON', json: `{"${secret}`, verdict: 4400 },
  { what: 'H01 empty text', json: '', verdict: 4400 },
  { what: 'H01 empty bytes', msgpack: bytes(''), verdict: 4400 },
  ...[null, 5, secret, { seq: 0, ack: 0 }, [], [0], [0, 0, secret]].map((value): Case => ({
    what: `H01 ${JSON.stringify(value)}`,
    value,
    verdict: 4400,
  })),
  { what: 'H02 62 levels of payload', value: [1, 0, [1, 'x', nested(62)]], verdict: 'delivered' },
  { what: 'H02 63 levels of payload', value: [1, 0, [1, 'x', nested(63)]], verdict: 4400 },
  { what: 'H02 10,000 levels', json: '['.repeat(10_000) + ']'.repeat(10_000), verdict: 4400 },
  { what: 'H02 131,072 levels', json: '['.repeat(131_072) + ']'.repeat(131_072), verdict: 4400 },
  { what: 'H02 unclosed', json: '[{"a":'.repeat(40_000), verdict: 4400 },
  { what: 'H02 a million levels', msgpack: new Uint8Array(1_000_000).fill(0x91), verdict: 4400 },
  { what: 'H02 a million levels of maps', msgpack: bytes('81a0'.repeat(1_000_000)), verdict: 4400 },
  ...['__proto__', 'constructor', 'prototype', '\\u005f_proto__', '__prot\\u006f__', '\\u0063onstructor'].map(
    (text): Case => ({ what: `H03 key ${text}`, value: withKey(text), verdict: 4400 }),
  ),
  { what: 'H03 escaped key', json: `[1,0,[1,"x",{"\\u005f\\u005fproto__":{"polluted":1}}]]`, verdict: 4400 },
  { what: 'H03 key toString', value: withKey('toString'), verdict: 'delivered' },
  { what: 'H04 seq 1e999', json: '[1e999,0,[1,"x"]]', verdict: 4400 },
  { what: 'H04 ack 1e999', json: '[0,1e999]', verdict: 4400 },
  { what: 'H04 id 2^53', value: [1, 0, [2, 2 ** 53, 'x']], verdict: 4400 },
  { what: 'H04 id 2^53 + 1 in digits', json: '[1,0,[2,9007199254740993,"x"]]', verdict: 4400 },
  { what: 'H04 NaN as id', msgpack: bytes('93010093 02cb7ff8000000000000 a178'.replaceAll(' ', '')), verdict: 4400 },
  ...[-1, 1.5, '1', null].map((n): Case => ({ what: `H04 seq ${n}`, value: [n, 0, [1, 'x']], verdict: 4400 })),
  ...[-1, 1.5, '1', null].map((n): Case => ({ what: `H04 id ${n}`, value: [1, 0, [3, n, 0]], verdict: 4400 })),
  { what: 'H05 seq 0 with a reliable frame', value: [0, 0, [1, 'x', secret]], verdict: 4400 },
  { what: 'H05 seq far ahead', value: [2 ** 52, 0, [1, 'x']], verdict: 'delivered' },
  { what: 'H06 ack far ahead', value: [0, 2 ** 52], verdict: 'delivered' },
  { what: 'H07 unknown critical kind', value: [1, 0, [30, secret]], verdict: 4400 },
  { what: 'H07 unknown ignorable kind', value: [1, 0, [94, secret], [126, secret]], verdict: 'delivered' },
  { what: 'H07 too few elements', value: [1, 0, [2, 1]], verdict: 4400 },
  { what: 'H07 wrong types', value: [1, 0, [2, secret, 1]], verdict: 4400 },
  { what: 'H07 extra elements', value: [1, 0, [1, 'x', 0, null, secret, [secret]]], verdict: 'delivered' },
  ...['ddffffffff', 'dfffffffff', 'dbffffffff', 'c6ffffffff', 'dcffff', 'deffff', 'daffff', 'c5ffff'].map(
    (claim): Case => ({ what: `H19 claim ${claim}`, msgpack: bytes(`9301009301a178${claim}`), verdict: 4400 }),
  ),
  ...['c1', 'd40000', 'd6ff00000000', 'd7ffffffffffffffffff', `c70cff${'ff'.repeat(12)}`, 'd47200', 'd56272ff'].map(
    (type): Case => ({ what: `H19 type ${type}`, msgpack: bytes(`9301009301a178${type}`), verdict: 4400 }),
  ),
  { what: 'H19 key twice', msgpack: bytes('9301009301a17882a16101a16102'), verdict: 4400 },
  { what: 'H19 number as key', msgpack: bytes('9301009301a178810102'), verdict: 4400 },
  { what: 'H20 name of a megabyte', value: [1, 0, [1, 'n'.repeat(2 ** 20)]], verdict: 4400 },
  { what: 'H20 name of 129 bytes', value: [1, 0, [1, 'é'.repeat(64) + 'n']], verdict: 4400 },
  { what: 'H20 name of 128 bytes', value: [1, 0, [1, 'é'.repeat(64)]], verdict: 'delivered' },
  { what: 'H20 empty name', value: [1, 0, [1, '']], verdict: 4400 },
  { what: 'H20 name toString', value: [1, 0, [1, 'toString']], verdict: 'delivered' },
  { what: 'H20 name __proto__', value: [1, 0, [1, '__proto__']], verdict: 'delivered' },
  { what: 'H20 half a surrogate pair', json: '[1,0,[1,"\\ud800"]]', verdict: 4400 },
];

describe.each(cases)('$what', (input) => {
  const forms: [string, Encoded][] = [];
  const json = input.json ?? ('value' in input ? JSON.stringify(input.value) : undefined);
  const msgpack = input.msgpack ?? ('value' in input ? encode(input.value, { maxDepth: 200 }) : undefined);
  if (json !== undefined) forms.push(['json', json]);
  if (msgpack !== undefined) forms.push(['msgpack', msgpack]);

  test.each(forms)('%s', (form, data) => {
    let verdict: Verdict = 'delivered';
    try {
      parseAny((form === 'json' ? jsonCodec : msgpackCodec).decode(data));
    } catch (error) {
      expect(error).toBeInstanceOf(WireError);
      const { closeCode, message, cause } = error as WireError;
      verdict = closeCode as 4400;
      expect(message).not.toContain(secret);
      expect(utf8Length(message)).toBeLessThanOrEqual(123);
      expect(cause).toBeUndefined();
    }
    expect(verdict).toBe(input.verdict);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

test('H20 a hundred thousand different names and keys leave a decoder correct', () => {
  for (let i = 0; i < 100_000; i += 1) {
    const packet = encode([1, 0, [1, `name${i}`, { [`key${i}`]: i }]]);
    const { frames } = parseAny(msgpackCodec.decode(packet));
    if (i % 10_000 === 0) expect(frames).toEqual([[1, `name${i}`, { [`key${i}`]: i }]]);
  }
});
