import { decode, encode } from '@msgpack/msgpack';
import type { Codec } from '@hawser/core';
import { jsonCodec } from '@hawser/core/endpoint';
import { msgpackCodec } from '@hawser/core/msgpack';

/** A way to write packets that is not the product's own, so that it writes what the product never would. */
export interface Dialect {
  readonly name: 'json' | 'msgpack';
  /** The product's codec for the same sub-protocol, for real clients and servers. */
  readonly codec: Codec;
  write(value: unknown): string | Uint8Array;
  read(message: string | Buffer): unknown;
}

const json: Dialect = {
  name: 'json',
  codec: jsonCodec,
  write: (value) => JSON.stringify(value),
  read: (message) => JSON.parse(String(message)) as unknown,
};

const msgpack: Dialect = {
  name: 'msgpack',
  codec: msgpackCodec,
  write: (value) => encode(value, { maxDepth: 20_000 }),
  read: (message) => decode(Buffer.from(message)),
};

export const dialects: readonly Dialect[] = [json, msgpack];
