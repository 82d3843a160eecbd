import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkHello } from '../src/wire/check-hello.ts';
import { checkWelcome } from '../src/wire/check-welcome.ts';
import { encodeChunk, parseChunk, type Chunk } from '../src/wire/chunk.ts';
import type { Codec, Encoded } from '../src/wire/codec.ts';
import { type Frame, Kind, type Packet } from '../src/wire/frame.ts';
import { jsonCodec } from '../src/wire/json-codec.ts';
import { msgpackCodec } from '../src/wire/msgpack-codec.ts';
import { parseAny } from '../src/wire/packet-samples.ts';
import { WireError } from '../src/wire/wire-error.ts';

interface FrameVector {
  readonly json: string | null;
  readonly msgpack: string;
  readonly bytes: { readonly json: number | null; readonly msgpack: number };
}

interface PacketVector {
  readonly name: string;
  readonly value: unknown[];
  readonly json: string | null;
  readonly msgpack: string;
  readonly frames: readonly FrameVector[];
}

interface SpellingVector {
  readonly name: string;
  readonly value: unknown;
  readonly json?: string;
  readonly msgpack?: string;
}

interface RefusedVector {
  readonly name: string;
  readonly json?: string;
  readonly msgpack?: string;
  readonly close: number;
}

interface ChunkVector {
  readonly name: string;
  readonly head: string;
  readonly length: number;
  readonly close?: number;
}

const packets = load<PacketVector>('packets');
const chunks = load<ChunkVector>('chunks');
const accepted = load<SpellingVector>('accepted');
const refused = load<RefusedVector>('refused');

describe.each([
  ['json', jsonCodec],
  ['msgpack', msgpackCodec],
] as const)('vectors, %s', (form, codec) => {
  const carried = packets.filter((vector) => vector[form] !== null);

  test.each(carried)('encodes: $name', (vector) => {
    const [seq, ack, ...frames] = revived(vector.value) as [number, number, ...Frame[]];
    const encoded = frames.map((frame) => codec.encodeFrame(frame));
    expect(encoded.map(written)).toEqual(vector.frames.map((frame) => frame[form]));
    expect(encoded.map((frame) => codec.byteLength(frame))).toEqual(vector.frames.map((frame) => frame.bytes[form]));
    expect(written(codec.encodePacket(seq, ack, encoded))).toBe(vector[form]);
  });

  test.each(carried)('decodes: $name', (vector) => {
    const value = revived(vector.value) as unknown[];
    expect(codec.decode(read(form, vector[form] as string))).toStrictEqual(value);
    expect(readPacket(value)).toStrictEqual({ seq: value[0], ack: value[1], frames: value.slice(2) });
  });

  test.each(accepted.filter((vector) => vector[form] !== undefined))('accepts: $name', (vector) => {
    const value = codec.decode(read(form, vector[form] as string));
    expect(value).toStrictEqual(revived(vector.value));
    expect(() => readPacket(value)).not.toThrow();
  });

  test.each(refused.filter((vector) => vector[form] !== undefined))('refuses: $name', (vector) => {
    expect(closeCodeFor(codec, read(form, vector[form] as string))).toBe(vector.close);
  });
});

describe('vectors, chunks', () => {
  const message = ({ head, length }: ChunkVector): Uint8Array =>
    new Uint8Array(Buffer.concat([Buffer.from(head, 'hex'), Buffer.alloc(length, 0xc1)]));

  test.each(chunks.filter(({ close }) => close === undefined))('carries: $name', (vector) => {
    const { name: _name, head: _head, length, ...parts } = vector;
    const chunk = { ...(parts as unknown as Chunk), bytes: new Uint8Array(length).fill(0xc1) };
    expect(parseChunk(message(vector))).toEqual(chunk);
    expect(encodeChunk(chunk)).toEqual(message(vector));
  });

  test.each(chunks.filter(({ close }) => close !== undefined))('refuses: $name', (vector) => {
    expect(() => parseChunk(message(vector))).toThrow(expect.objectContaining({ closeCode: vector.close }));
  });
});

test('every kind this version has is among the vectors', () => {
  const kinds = new Set(packets.flatMap((vector) => vector.value.slice(2).map((frame) => (frame as unknown[])[0])));
  expect([1, 2, 3, 4, 9, 32, 33, 34, 35, 36, 37, 41].filter((kind) => !kinds.has(kind))).toEqual([]);
});

test('no two vectors share a name', () => {
  for (const list of [packets, accepted, refused, chunks]) {
    expect(new Set(list.map((vector) => vector.name)).size).toBe(list.length);
  }
});

function load<V>(name: string): V[] {
  return JSON.parse(readFileSync(new URL(`../../../protocol/vectors/${name}.json`, import.meta.url), 'utf8')) as V[];
}

function read(form: 'json' | 'msgpack', text: string): Encoded {
  return form === 'json' ? text : new Uint8Array(Buffer.from(text, 'hex'));
}

function written(encoded: Encoded): string {
  return typeof encoded === 'string' ? encoded : Buffer.from(encoded).toString('hex');
}

/** Puts bytes where a vector says `{"$bytes": "…"}`. */
function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== 'object' || value === null) return value;
  if ('$bytes' in value) return new Uint8Array(Buffer.from(value.$bytes as string, 'hex'));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, revived(member)]));
}

/** As both ends together read a packet: the maps of a handshake are checked by the end they are for. */
function readPacket(value: unknown): Packet {
  const packet = parseAny(value);
  for (const [kind, body] of packet.frames) {
    if (kind === Kind.hello) checkHello(body);
    if (kind === Kind.welcome) checkWelcome(body);
  }
  return packet;
}

function closeCodeFor(codec: Codec, data: Encoded): number | undefined {
  try {
    readPacket(codec.decode(data));
  } catch (error) {
    if (error instanceof WireError) return error.closeCode;
    throw error;
  }
  return undefined;
}
