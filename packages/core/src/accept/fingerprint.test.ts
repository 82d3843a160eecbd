import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonCodec } from '../wire/json-codec.ts';
import { msgpackCodec } from '../wire/msgpack-codec.ts';
import type { Codec } from '../wire/codec.ts';
import { fingerprint } from './fingerprint.ts';

/** A value as it arrives through a codec. */
function through(codec: Codec, value: unknown): unknown {
  const frame = codec.encodeFrame([1, 'x', value]);
  return (codec.decode(codec.encodePacket(1, 0, [frame])) as [number, number, [number, string, unknown]])[2][2];
}

describe('fingerprint', () => {
  it('is equal for equal values, whatever their order and their codec', () => {
    const value = fc.jsonValue().filter((json) => !/__proto__|constructor|prototype/.test(JSON.stringify(json)));
    fc.assert(
      fc.property(value, (json) => {
        const print = fingerprint(through(jsonCodec, json));
        expect(fingerprint(through(msgpackCodec, json))).toBe(print);
        expect(fingerprint(reversed(through(jsonCodec, json)))).toBe(print);
      }),
      { numRuns: 300 },
    );
  });

  it.each<[unknown, unknown]>([
    [{ a: 1 }, [['a', 1]]],
    [{ a: 1 }, { map: [['a', 1]] }],
    [1, '1'],
    [null, undefined],
    [[], {}],
    [new Uint8Array([1, 2]), { bytes: '1,2' }],
    [new Uint8Array([1, 2]), new Uint8Array([12])],
    [{ a: { b: 1, c: 2 } }, { a: { b: 1 }, c: 2 }],
  ])('of %j and %j differ', (a, b) => {
    expect(fingerprint(a)).not.toBe(fingerprint(b));
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries: (readonly [string, unknown])[] = [];
  for (const [key, inner] of Object.entries(value as Record<string, unknown>)) entries.unshift([key, reversed(inner)]);
  return Object.fromEntries(entries);
}
