import { Packr, Unpackr } from 'msgpackr';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HawserError } from '../src/shared/errors.ts';
import type { Codec, Encoded } from '../src/wire/codec.ts';
import type { Frame } from '../src/wire/frame.ts';
import { jsonCodec } from '../src/wire/json-codec.ts';
import { msgpackCodec } from '../src/wire/msgpack-codec.ts';
import { parseAny } from '../src/wire/packet-samples.ts';
import { utf8Length } from '../src/wire/utf8.ts';
import { WireError } from '../src/wire/wire-error.ts';

const runs = Number(process.env['FC_RUNS'] ?? 1_000);
const check = (property: fc.IRawProperty<unknown>): void =>
  fc.assert(property as fc.IProperty<unknown>, { numRuns: runs });

const codecs = [
  ['json', jsonCodec],
  ['msgpack', msgpackCodec],
] as const;

const key = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom('toString', '__proto', 'hasOwnProperty', '0', ''),
  )
  .filter((text) => !['__proto__', 'constructor', 'prototype'].includes(text));

/** What every peer can send: finite numbers, text of any script, no forbidden keys. */
const { value } = fc.letrec<{ value: unknown; list: unknown; map: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'binary-ascii', minLength: 30, maxLength: 300 }),
    tie('list'),
    tie('map'),
  ),
  list: fc.array(tie('value'), { maxLength: 20 }),
  map: fc.dictionary(key, tie('value'), { maxKeys: 20 }),
}));

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => {
  return utf8Length(text) <= 128 && !/[\u0000-\u001f\u007f]/.test(text);
});
const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.tuple(fc.constant(1 as const), name, value),
  fc.tuple(fc.constant(2 as const), id, name, value, fc.record({ dl: fc.nat(), k: name }, { requiredKeys: [] })),
  fc.tuple(fc.constant(3 as const), id, value),
  fc.tuple(fc.constant(4 as const), id, name, fc.string({ unit: 'binary' }), value),
  fc.tuple(fc.constant(9 as const), id),
  fc.tuple(fc.constant(35 as const), fc.maxSafeNat()),
  fc.tuple(fc.constant(41 as const), name, value),
);
const packet = fc
  .record({
    seq: fc.integer({ min: 1, max: 2 ** 52 }),
    ack: fc.maxSafeNat(),
    frames: fc.array(frame, { maxLength: 20 }),
  })
  .map(({ seq, ack, frames }) => ({ seq: frames.some(([kind]) => kind < 32) ? seq : 0, ack, frames }));

const encodeWith = (
  codec: Codec,
  { seq, ack, frames }: { seq: number; ack: number; frames: readonly Frame[] },
): Encoded =>
  codec.encodePacket(
    seq,
    ack,
    frames.map((one) => codec.encodeFrame(one)),
  );

/** Decodes and parses; anything but a WireError is a fault of ours. */
function attempt(codec: Codec, data: Encoded): 'accepted' | 'refused' {
  try {
    parseAny(codec.decode(data));
    return 'accepted';
  } catch (error) {
    if (!(error instanceof WireError) || error.closeCode !== 4400) throw error;
    return 'refused';
  }
}

describe.each(codecs)('%s', (_, codec) => {
  test('any packet comes back as JSON itself would give it', () => {
    check(
      fc.property(packet, (sent) => {
        const received = parseAny(codec.decode(encodeWith(codec, sent)));
        expect(received).toStrictEqual(JSON.parse(JSON.stringify(sent)));
      }),
    );
  });

  test('a batch is its frames, one after the other', () => {
    check(
      fc.property(packet, (sent) => {
        const singles = sent.frames.map(
          (one) => (codec.decode(encodeWith(codec, { seq: 0, ack: 0, frames: [one] })) as unknown[])[2],
        );
        expect((codec.decode(encodeWith(codec, sent)) as unknown[]).slice(2)).toStrictEqual(singles);
      }),
    );
  });

  test('sizes are exact', () => {
    check(
      fc.property(packet, (sent) => {
        const encoded = encodeWith(codec, sent);
        expect(codec.byteLength(encoded)).toBe(
          typeof encoded === 'string' ? new TextEncoder().encode(encoded).length : encoded.byteLength,
        );
      }),
    );
  });
});

test('both codecs deliver the same, or refuse the same, whatever the application passes', () => {
  const anything = fc.anything({
    withDate: true,
    withMap: true,
    withSet: true,
    withBigInt: true,
    withBoxedValues: true,
    withNullPrototype: true,
    withSparseArray: true,
    withTypedArray: false,
    stringUnit: 'binary',
  });
  const cut = fc.string({ unit: 'binary' }).map((text) => text.slice(0, -1));
  const outcome = (codec: Codec, data: unknown): unknown => {
    try {
      return (codec.decode(encodeWith(codec, { seq: 1, ack: 0, frames: [[1, 'x', data]] })) as unknown[])[2];
    } catch (error) {
      if (error instanceof HawserError && error.code === 'INVALID_INPUT') return error.message;
      throw error;
    }
  };
  check(
    fc.property(fc.oneof(anything, cut, fc.dictionary(cut, cut)), (data) => {
      expect(outcome(msgpackCodec, data)).toStrictEqual(outcome(jsonCodec, data));
    }),
  );
});

test('a toJSON that an application gave to big integers serves both codecs', () => {
  const prototype = BigInt.prototype as { toJSON?: () => string };
  prototype.toJSON = function (this: bigint) {
    return `${this}`;
  };
  try {
    for (const [, codec] of codecs) {
      const packet = encodeWith(codec, { seq: 1, ack: 0, frames: [[1, 'x', { n: 2n ** 70n, list: [1n] }]] });
      expect(codec.decode(packet)).toEqual([1, 0, [1, 'x', { n: '1180591620717411303424', list: ['1'] }]]);
    }
  } finally {
    delete prototype.toJSON;
  }
});

describe('damaged input', () => {
  const damage = fc.array(
    fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.constantFrom('set', 'insert', 'cut')),
    {
      minLength: 1,
      maxLength: 4,
    },
  );

  test('MessagePack: nothing but a WireError comes out', () => {
    check(
      fc.property(packet, damage, (sent, steps) => {
        let data = [...(encodeWith(msgpackCodec, sent) as Uint8Array)];
        for (const [at, byte, how] of steps) {
          const position = at % (data.length + 1);
          if (how === 'cut') data = data.slice(0, position);
          else data.splice(position, how === 'set' ? 1 : 0, byte);
        }
        attempt(msgpackCodec, Uint8Array.from(data));
      }),
    );
  });

  test('MessagePack: random bytes', () => {
    check(fc.property(fc.uint8Array({ maxLength: 64 }), (data) => void attempt(msgpackCodec, data)));
  });

  test('JSON: nothing but a WireError comes out', () => {
    check(
      fc.property(packet, damage, (sent, steps) => {
        let text = encodeWith(jsonCodec, sent) as string;
        for (const [at, byte, how] of steps) {
          const position = at % (text.length + 1);
          const rest = how === 'cut' ? '' : text.slice(position + (how === 'set' ? 1 : 0));
          text = text.slice(0, position) + (how === 'cut' ? '' : String.fromCharCode(byte)) + rest;
        }
        attempt(jsonCodec, text);
      }),
    );
  });

  test('parsePacket: any value at all', () => {
    const almost = fc.array(fc.oneof(fc.anything(), fc.nat(), fc.array(fc.oneof(fc.nat({ max: 130 }), fc.anything()))));
    check(
      fc.property(almost, (candidate) => {
        try {
          parseAny(candidate);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  });
});

describe('beside another MessagePack implementation', () => {
  const packr = new Packr({ useRecords: false, variableMapSize: true });
  const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });

  test('it reads what this one writes', () => {
    check(
      fc.property(value, (data) => {
        const encoded = msgpackCodec.encodeFrame([1, 'x', data]) as Uint8Array;
        expect(unpackr.unpack(encoded)).toStrictEqual([1, 'x', JSON.parse(JSON.stringify(data))]);
      }),
    );
  });

  test('this one reads what it writes', () => {
    check(
      fc.property(value, (data) => {
        const plain: unknown = JSON.parse(JSON.stringify(data));
        expect(msgpackCodec.decode(new Uint8Array(packr.pack([1, 'x', plain])))).toStrictEqual([1, 'x', plain]);
      }),
    );
  });
});
