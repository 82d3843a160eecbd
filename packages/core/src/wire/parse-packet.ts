import { malformed, isCount, isDuration, isId, isMap } from './field.ts';
import { isIgnorable, isSequenced } from './frame-kind.ts';
import { type Frame, Kind, type Packet, type UnknownFrame } from './frame.ts';
import { maxTextBytes } from './limits.ts';
import { isName } from './name.ts';
import { checkGoaway, checkHello, checkReject, checkWelcome } from './parse-handshake.ts';
import { utf8Prefix } from './utf8.ts';

/**
 * Turns what a codec decoded into a packet: the trust boundary, `protocol/README.md` section 1.
 *
 * Everything is checked where it lies and nothing is copied; payloads (`data`, `params`, `value`, `auth`) stay unchecked,
 * they belong to the contract. Texts that may be any length are shortened in place.
 *
 * @throws WireError 4400 when the packet breaks the protocol
 */
export function parsePacket(value: unknown): Packet {
  if (!Array.isArray(value)) throw malformed('packet is not an array');
  const packet: readonly unknown[] = value;
  const seq = packet[0];
  const ack = packet[1];
  if (!isCount(seq) || !isCount(ack)) throw malformed('packet without seq and ack');
  let numbered = 0;
  for (let i = 2; i < packet.length; i += 1) if (isSequenced(checkFrame(packet[i]))) numbered += 1;
  if (seq === 0 ? numbered > 0 : numbered === 0) throw malformed('seq does not fit the frames');
  if (seq - 1 > Number.MAX_SAFE_INTEGER - numbered) throw malformed('seq out of range');
  return { seq, ack, frames: packet.slice(2) as (Frame | UnknownFrame)[] };
}

/** Checks one frame and returns its kind. */
function checkFrame(frame: unknown): number {
  if (!Array.isArray(frame)) throw malformed('frame is not an array');
  const elements: unknown[] = frame;
  const kind = elements[0];
  switch (kind) {
    case Kind.message:
      checkName(elements[1], 'message');
      if (elements.length > 3) checkMeta(elements[3]);
      return kind;
    case Kind.request:
      checkId(elements[1], 'request');
      checkName(elements[2], 'request');
      if (elements.length > 4) checkMeta(elements[4]);
      return kind;
    case Kind.result:
      checkId(elements[1], 'result');
      return kind;
    case Kind.error:
      checkError(elements);
      return kind;
    case Kind.cancel:
      checkId(elements[1], 'cancel');
      if (elements.length > 2) elements[2] = text(elements[2], 'cancel');
      return kind;
    case Kind.volatile:
      checkName(elements[1], 'volatile');
      return kind;
    case Kind.ping:
    case Kind.pong:
      if (elements.length > 1 && !isCount(elements[1])) throw malformed('ping or pong with a wrong number');
      return kind;
    case Kind.hello:
      checkHello(elements[1]);
      return kind;
    case Kind.welcome:
      checkWelcome(elements[1]);
      return kind;
    case Kind.reject:
      checkReject(elements);
      elements[2] = text(elements[2], 'reject');
      return kind;
    case Kind.goaway:
      checkGoaway(elements[1]);
      return kind;
    default:
      if (!Number.isInteger(kind) || !isIgnorable(kind as number)) throw malformed('unknown kind of frame');
      return kind as number;
  }
}

function checkError(elements: unknown[]): void {
  checkId(elements[1], 'error');
  if (!isName(elements[2])) throw malformed('error: wrong code');
  elements[3] = text(elements[3], 'error');
  const retryAfter = elements[5];
  if (elements.length > 5 && retryAfter !== null && !isDuration(retryAfter)) throw malformed('error: wrong retryAfter');
}

function checkName(name: unknown, frame: string): void {
  if (!isName(name)) throw malformed(`${frame}: wrong name`);
}

function checkId(id: unknown, frame: string): void {
  if (!isId(id)) throw malformed(`${frame}: wrong id`);
}

function text(value: unknown, frame: string): string {
  if (typeof value !== 'string') throw malformed(`${frame}: wrong text`);
  return utf8Prefix(value, maxTextBytes);
}

/** Unknown keys are extensions of later versions. */
function checkMeta(meta: unknown): void {
  if (meta === null) return;
  if (!isMap(meta)) throw malformed('meta is not a map');
  const { dl, k, tp } = meta;
  if (dl !== undefined && !isDuration(dl)) throw malformed('meta: wrong dl');
  if (k !== undefined && !isName(k)) throw malformed('meta: wrong k');
  if (tp !== undefined && !isName(tp)) throw malformed('meta: wrong tp');
}
