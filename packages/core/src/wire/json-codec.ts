import { explain } from '../shared/explain.ts';
import { browserOnly } from '../shared/platform.ts';
import type { Codec, Encoded } from './codec.ts';
import { malformed, type Test } from './field.ts';
import { isPlainData } from './plain-data.ts';
import { encodeSendable, unsendable } from './sendable.ts';
import { utf8Length, withoutHalves } from './utf8.ts';
import { subprotocol } from './version.ts';

/** Frames as JSON text, one text message per packet; `protocol/README.md` section 1. */
export const jsonCodec: Codec = {
  subprotocol: `${subprotocol}json`,
  encodeFrame: (frame) => encodeSendable(frame, noBytes, write),
  byteLength: (encoded) => utf8Length(encoded as string),
  encodePacket: (seq, ack, frames) =>
    // One call at a time is one frame at a time, and joining one costs several steps of the engine.
    !browserOnly && frames.length === 1
      ? `[${seq},${ack},${frames[0] as string}]`
      : `[${[seq, ack, ...frames].join()}]`,
  decode,
};

const noBytes: Test = () => false;

function write(elements: readonly unknown[]): string {
  const text = JSON.stringify(elements);
  // The only escape that begins like this is half a surrogate pair; an escaped backslash may look like one.
  return text.includes('\\ud') ? JSON.stringify(JSON.parse(text, withoutHalvesIn)) : text;
}

/** As every UTF-8 encoder does it; escaped, halves of surrogate pairs would arrive through this codec only. */
function withoutHalvesIn(key: string, value: unknown): unknown {
  // Two keys could become one.
  if (withoutHalves(key) !== key) throw unsendable(explain && 'a key of the payload holds half a surrogate pair');
  return typeof value === 'string' ? withoutHalves(value) : value;
}

function decode(data: Encoded): unknown {
  if (typeof data !== 'string') throw malformed(explain && 'binary message where text was agreed');
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    // The engine's message quotes the payload, so it goes no further.
    throw malformed(explain && 'not valid JSON');
  }
  if (!isPlainData(value, '', 1)) {
    throw malformed(explain && 'nested too deep, a forbidden key, too many keys in a map, or a number out of range');
  }
  return value;
}
