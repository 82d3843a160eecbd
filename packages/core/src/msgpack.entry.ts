/** MessagePack for `@hawser/core`: give `msgpackCodec` to `createClient` or `createServer`. */
export { msgpackCodec } from './wire/msgpack-codec.ts';
