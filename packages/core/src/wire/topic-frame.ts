import { isBoolean, isCount, isId, isMap } from './field.ts';
import { hasText } from './frame-parts.ts';
import { Kind } from './frame.ts';
import { isName } from './name.ts';

/** Whether a frame belongs to a topic and is whole; `protocol/README.md` section 11. */
export function isTopicFrame(frame: unknown[]): boolean {
  const [kind, id] = frame;
  if (!isId(id)) return false;
  switch (kind) {
    case Kind.subscribe:
      return isName(frame[2]) && isFrom(frame[4] ?? undefined);
    case Kind.unsubscribe:
      return true;
    case Kind.publish:
      return isCount(frame[2]);
    case Kind.topicState:
      return isId(frame[2]) && isPosition(frame[3], frame[4]) && isBoolean(frame[5]);
    case Kind.topicEnd:
      return (frame[2] ?? null) === null || (isName(frame[2]) && hasText(frame, 3));
    default:
      return false;
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
