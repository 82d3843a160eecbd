import { explain } from '../shared/explain.ts';
import { isBoolean, isCount, isDuration, isId, isMap, isText, malformed, maybe, type Test } from './field.ts';
import { isIgnorable, isSequenced } from './frame-kind.ts';
import { Kind, type Packet } from './frame.ts';
import { maxTextLength, maxUrlBytes } from './limits.ts';
import { isName } from './name.ts';
import { fits, optional, type Shape } from './shape.ts';
import { utf8Length, withoutHalves } from './utf8.ts';

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

/**
 * Turns what a codec decoded into a packet: the trust boundary, `protocol/README.md` section 1.
 *
 * Everything is checked where it lies and nothing is copied; payloads (`data`, `params`, `value`, `auth`) stay unchecked,
 * they belong to the contract. The maps of hello and welcome are checked by whoever reads them, see `checkHello` and
 * `checkWelcome`. Texts that may be any length are shortened in place.
 *
 * @throws WireError 4400 when the packet breaks the protocol
 */
export function parsePacket(value: unknown): Packet {
  if (!Array.isArray(value) || !isCount(value[0]) || !isCount(value[1])) {
    throw malformed(explain && 'a packet is an array that begins with seq and ack');
  }
  const [seq, ack] = value;
  const frames = value.slice(2);
  let numbered = 0;
  for (const frame of frames) {
    if (!Array.isArray(frame)) throw malformed(explain && 'frame is not an array');
    if (!isFrame(frame)) {
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
    case Kind.request:
      return isId(frame[1]) && isName(frame[2]) && isMeta(frame[4]);
    case Kind.result:
      return isId(frame[1]);
    case Kind.error:
      return isId(frame[1]) && isName(frame[2]) && hasText(frame, 3) && maybe(isDuration, frame[5] ?? undefined);
    case Kind.open:
      return isId(frame[1]) && isName(frame[2]) && isCount(frame[4]) && isMeta(frame[5]);
    case Kind.item:
    case Kind.end:
    case Kind.unsubscribe:
      return isId(frame[1]);
    case Kind.credit:
      return isId(frame[1]) && isId(frame[2]);
    case Kind.cancel:
      return isId(frame[1]) && maybe(isText, frame[2]);
    case Kind.subscribe:
      return isId(frame[1]) && isName(frame[2]) && isFrom(frame[4] ?? undefined);
    case Kind.publish:
      return isId(frame[1]) && isCount(frame[2]);
    case Kind.topicState:
      return isId(frame[1]) && isId(frame[2]) && isPosition(frame[3], frame[4]) && isBoolean(frame[5]);
    case Kind.topicEnd:
      return isId(frame[1]) && ((frame[2] ?? null) === null || (isName(frame[2]) && hasText(frame, 3)));
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

/** Whether two elements are a position in the history of a topic. */
function isPosition(epoch: unknown, offset: unknown): boolean {
  return isName(epoch) && isCount(offset);
}

function isFrom(how: unknown): boolean {
  if (how === undefined) return true;
  const from = isMap(how) ? (how['from'] ?? undefined) : null;
  return from === undefined || (Array.isArray(from) && isPosition(from[0], from[1]));
}

/** Whether an element is text for people; it is shortened in place, and a pair cut in half becomes U+FFFD. */
function hasText(frame: unknown[], at: number): boolean {
  const text = frame[at];
  if (isText(text)) frame[at] = withoutHalves(text.slice(0, maxTextLength));
  return isText(text);
}

/** Whether a value is meta; unknown keys are extensions of later versions. */
function isMeta(meta: unknown): boolean {
  // No shape: this one is looked at with every request.
  return (
    (meta ?? null) === null ||
    (isMap(meta) && maybe(isDuration, meta['dl']) && maybe(isName, meta['k']) && maybe(isName, meta['tp']))
  );
}
