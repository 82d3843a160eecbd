import { explain } from '../shared/explain.ts';
import type { Codec, Encoded } from './codec.ts';
import { malformed } from './field.ts';
import { countSize, listHeadSize, putArrayHead, putInteger } from './msgpack-head.ts';
import { MsgpackReader } from './msgpack-reader.ts';
import { isBytes, MsgpackWriter } from './msgpack-writer.ts';
import { encodeSendable } from './sendable.ts';
import { subprotocol } from './version.ts';

/** Frames as MessagePack, one binary message per packet; `protocol/README.md` section 1. Also carries `Uint8Array`. */
export const msgpackCodec: Codec = {
  subprotocol: `${subprotocol}msgpack`,
  encodeFrame: (frame) => encodeSendable(frame, isBytes, write),
  byteLength: (encoded) => encoded.length,
  encodePacket,
  decode(data) {
    if (typeof data === 'string') throw malformed(explain && 'text message where binary was agreed');
    return reader.read(data);
  },
};

const reader = new MsgpackReader();
const writer = new MsgpackWriter();

function write(elements: readonly unknown[]): Uint8Array {
  // A toJSON of the application may encode a frame while one is being written.
  return (writer.busy ? new MsgpackWriter() : writer).frame(elements);
}

/** Head of an array, two integers, then the frames as they are. */
function encodePacket(seq: number, ack: number, frames: readonly Encoded[]): Uint8Array {
  const count = frames.length + 2;
  let size = listHeadSize(count) + countSize(seq) + countSize(ack);
  for (let i = 0; i < frames.length; i += 1) size += (frames[i] as Uint8Array).length;
  const packet = new Uint8Array(size);
  let at = putArrayHead(packet, 0, count);
  at = putInteger(packet, at, seq);
  at = putInteger(packet, at, ack);
  for (let i = 0; i < frames.length; i += 1) {
    const frame = frames[i] as Uint8Array;
    packet.set(frame, at);
    at += frame.length;
  }
  return packet;
}
