import { jsonCodec } from '@hawser/core/endpoint';
import { msgpackCodec } from '@hawser/core/msgpack';
import { readingOf } from '../compare/reading.ts';
import type { Part } from './part.ts';

function glue(codec: typeof jsonCodec, count: number): () => unknown {
  const frames = Array.from({ length: count }, (_, n) => codec.encodeFrame([1, 'reading', readingOf(n)]));
  return () => codec.encodePacket(1, 0, frames);
}

/** Joining encoded frames into a packet. */
export const packet: readonly Part[] = [
  { name: 'JSON packet of 1 frame', run: glue(jsonCodec, 1) },
  { name: 'JSON packet of 100 frames', run: glue(jsonCodec, 100), per: 100 },
  { name: 'MessagePack packet of 1 frame', run: glue(msgpackCodec, 1) },
  { name: 'MessagePack packet of 100 frames', run: glue(msgpackCodec, 100), per: 100 },
];
