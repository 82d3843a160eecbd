import type { Codec, Encoded } from './codec.ts';
import { malformed } from './field.ts';
import type { Frame } from './frame.ts';
import { countSize, listHeadSize, putArrayHead, putInteger } from './msgpack-head.ts';
import { MsgpackReader } from './msgpack-reader.ts';
import { MsgpackWriter } from './msgpack-writer.ts';
import { problemInFrame, unreadable, unsendable } from './sendable.ts';
import { subprotocol } from './version.ts';

/** Frames as MessagePack, one binary message per packet; `protocol/README.md` section 1. Also carries `Uint8Array`. */
export const msgpackCodec: Codec = {
  subprotocol: subprotocol.msgpack,
  encodeFrame,
  byteLength: (encoded) => encoded.length,
  encodePacket,
  decode(data) {
    if (typeof data === 'string') throw malformed('text message where binary was agreed');
    return reader.read(data);
  },
};

const reader = new MsgpackReader();
const writer = new MsgpackWriter();

function encodeFrame(frame: Frame): Uint8Array {
  let problem: string | undefined;
  try {
    problem = problemInFrame(frame, true);
    if (problem === undefined) {
      let length: number = frame.length;
      while (length > 0 && frame[length - 1] === undefined) length -= 1;
      // A toJSON of the application may encode a frame while one is being written.
      return (writer.busy ? new MsgpackWriter() : writer).frame(frame, length);
    }
  } catch (cause) {
    throw unreadable(cause);
  }
  throw unsendable(problem);
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
