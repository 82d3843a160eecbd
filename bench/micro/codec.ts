import { msgpackCodec } from '@hawser/core/msgpack';
import { jsonCodec } from '@hawser/core/endpoint';
import { Packr } from 'msgpackr';
import { readingOf } from '../compare/reading.ts';
import type { Part } from './part.ts';

const reading = readingOf(7);
const text = JSON.stringify([1, 'reading', reading]);
const packr = new Packr({ useRecords: false });
const packed = packr.pack([1, 'reading', reading]);

/** Encoding and decoding one frame, beside the least that the platform needs for it. */
export const codec: readonly Part[] = [
  { name: 'JSON.stringify of a frame', run: () => JSON.stringify([1, 'reading', reading]) },
  { name: 'jsonCodec.encodeFrame', run: () => jsonCodec.encodeFrame([1, 'reading', reading]) },
  { name: 'jsonCodec.byteLength', run: () => jsonCodec.byteLength(text) },
  { name: 'JSON.parse of a packet', run: () => JSON.parse(`[1,0,${text}]`) as unknown },
  { name: 'jsonCodec.decode of a packet', run: () => jsonCodec.decode(`[1,0,${text}]`) },
  { name: 'msgpackr pack of a frame', run: () => packr.pack([1, 'reading', reading]) },
  { name: 'msgpackCodec.encodeFrame', run: () => msgpackCodec.encodeFrame([1, 'reading', reading]) },
  { name: 'msgpackr unpack of a frame', run: () => packr.unpack(packed) as unknown },
  {
    name: 'msgpackCodec.decode of a packet',
    run: (() => {
      const packet = msgpackCodec.encodePacket(1, 0, [msgpackCodec.encodeFrame([1, 'reading', reading])]);
      return () => msgpackCodec.decode(packet);
    })(),
  },
];
