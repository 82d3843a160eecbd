import type { Codec, Encoded } from './codec.ts';
import { malformed } from './field.ts';
import type { Frame } from './frame.ts';
import { maxDepth, maxKeys } from './limits.ts';
import { isForbiddenKey, problemInFrame, unreadable, unsendable } from './sendable.ts';
import { isWellFormed, utf8Length } from './utf8.ts';
import { subprotocol } from './version.ts';

/** Frames as JSON text, one text message per packet; `protocol/README.md` section 1. */
export const jsonCodec: Codec = {
  subprotocol: subprotocol.json,
  encodeFrame,
  byteLength: (encoded) => utf8Length(encoded as string),
  encodePacket: (seq, ack, frames) => (frames.length === 0 ? `[${seq},${ack}]` : `[${seq},${ack},${frames.join(',')}]`),
  decode,
};

function encodeFrame(frame: Frame): string {
  let problem: string | undefined;
  let text = '';
  try {
    problem = problemInFrame(frame, false);
    if (problem === undefined) text = JSON.stringify(withoutTail(frame));
  } catch (cause) {
    throw unreadable(cause);
  }
  if (problem !== undefined) throw unsendable(problem);
  return text.includes('\\ud') ? repaired(text) : text;
}

/** The frame without `undefined` elements at its end, which JSON would write as null. */
function withoutTail(frame: Frame): Frame | readonly unknown[] {
  let length: number = frame.length;
  while (length > 0 && frame[length - 1] === undefined) length -= 1;
  return length === frame.length ? frame : frame.slice(0, length);
}

/**
 * Writes U+FFFD for halves of surrogate pairs, as every UTF-8 encoder does: `JSON.stringify` escapes them, so they would
 * arrive with this codec only.
 */
function repaired(text: string): string {
  if (!keysAreWellFormed(JSON.parse(text))) throw unsendable('a key of the payload holds half a surrogate pair');
  // An escaped backslash is matched as a whole, so that what follows it is not mistaken for an escape.
  return text.replace(/\\(?:\\|ud[89a-f][0-9a-f]{2})/g, (match) => (match.length === 2 ? match : '\ufffd'));
}

function keysAreWellFormed(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, member]) => isWellFormed(key) && keysAreWellFormed(member));
}

function decode(data: Encoded): unknown {
  if (typeof data !== 'string') throw malformed('binary message where text was agreed');
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    // The engine's message quotes the payload, so it goes no further.
    throw malformed('not valid JSON');
  }
  const fault = faultIn(value, 1);
  if (fault !== undefined) throw malformed(fault);
  return value;
}

/** What `JSON.parse` lets through and no packet may contain. Walking the result is cheaper than scanning the text. */
function faultIn(value: unknown, depth: number): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > maxDepth) return 'nested too deep';
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    for (let i = 0; i < items.length; i += 1) {
      const fault = faultIn(items[i], depth + 1);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  let count = 0;
  for (const key in value) {
    if (isForbiddenKey(key)) return 'forbidden key';
    const fault = faultIn((value as Readonly<Record<string, unknown>>)[key], depth + 1);
    if (fault !== undefined) return fault;
    count += 1;
  }
  return count > maxKeys ? 'too many keys in a map' : undefined;
}
