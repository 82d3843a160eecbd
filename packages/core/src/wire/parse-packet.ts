import { explain } from '../shared/explain.ts';
import { browserOnly } from '../shared/platform.ts';
import { isBoolean, isCount, isDuration, isMap, isText, malformed, maybe, type Test } from './field.ts';
import { hasText, isMeta } from './frame-parts.ts';
import { isIgnorable, isSequenced } from './frame-kind.ts';
import { Kind, type Packet } from './frame.ts';
import { maxUrlBytes } from './limits.ts';
import { isName } from './name.ts';
import { fits, optional, type Shape } from './shape.ts';
import { utf8Length } from './utf8.ts';

/** The codes a WebSocket can carry. */
const isCloseCode: Test = (value) => isCount(value) && value >= 1_000 && value <= 4_999;

/** Where it may lead is decided by whoever would go there. */
const isUrl: Test = (value) => isText(value) && value !== '' && utf8Length(value) <= maxUrlBytes;

const isHint: Test = optional({ retryAfter: optional(isDuration), url: optional(isUrl) });
const goaway: Shape = {
  code: isCloseCode,
  within: isDuration,
  after: isDuration,
  url: optional(isUrl),
  resume: isBoolean,
};

/** Knows more kinds of frames than every end has to. */
export interface FrameChecks {
  /** Whether a frame is of a kind it knows, and whole; may shorten texts in place. */
  fits(frame: unknown[]): boolean;
}

/**
 * Turns what a codec decoded into a packet: the trust boundary, `protocol/README.md` section 1.
 *
 * Everything is checked where it lies and nothing is copied; payloads (`data`, `params`, `value`, `auth`) stay unchecked,
 * they belong to the contract. The maps of hello and welcome are checked by whoever reads them, see `checkHello` and
 * `checkWelcome`. Texts that may be any length are shortened in place.
 *
 * @param others - knows the kinds besides messages and the connection's own; without it they are unknown
 * @throws WireError 4400 when the packet breaks the protocol
 */
export function parsePacket(value: unknown, others?: FrameChecks): Packet {
  if (!Array.isArray(value) || !isCount(value[0]) || !isCount(value[1])) {
    throw malformed(explain && 'a packet is an array that begins with seq and ack');
  }
  const [seq, ack] = value;
  // One frame is what one call at a time has, and a slice takes several steps of the engine.
  const frames = !browserOnly && value.length === 3 ? [value[2]] : value.slice(2);
  let numbered = 0;
  for (const frame of frames) {
    if (!Array.isArray(frame)) throw malformed(explain && 'frame is not an array');
    if (!isFrame(frame) && !others?.fits(frame)) {
      const [kind] = frame;
      throw malformed(
        explain && `frame of kind ${isCount(kind) ? kind : '?'} is unknown, or an element is missing or wrong`,
      );
    }
    if (isSequenced(frame[0])) numbered += 1;
  }
  if (!seq !== !numbered) throw malformed(explain && 'seq does not fit the frames');
  if (!Number.isSafeInteger(seq - 1 + numbered)) throw malformed(explain && 'seq out of range');
  return { seq, ack, frames };
}

function isFrame(frame: unknown[]): boolean {
  const kind = frame[0];
  switch (kind) {
    case Kind.message:
      return isName(frame[1]) && isMeta(frame[3]);
    case Kind.hello:
    case Kind.welcome:
      return isMap(frame[1]);
    case Kind.reject:
      return isCloseCode(frame[1]) && hasText(frame, 2) && isHint(frame[3] ?? undefined);
    case Kind.ping:
    case Kind.pong:
      return maybe(isCount, frame[1]);
    case Kind.goaway:
      return fits(frame[1], goaway);
    case Kind.volatile:
      return isName(frame[1]);
    default:
      return Number.isInteger(kind) && isIgnorable(kind as number);
  }
}
