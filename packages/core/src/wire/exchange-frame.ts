import { isCount, isDuration, isId, isText, maybe } from './field.ts';
import { hasText, isMeta } from './frame-parts.ts';
import { Kind } from './frame.ts';
import { isName } from './name.ts';

/** Whether a frame belongs to a call, stream or upload and is whole; `protocol/README.md` section 4. */
export function isExchangeFrame(frame: unknown[]): boolean {
  const [kind, id] = frame;
  if (!isId(id)) return false;
  switch (kind) {
    case Kind.request:
      return isName(frame[2]) && isMeta(frame[4]);
    case Kind.error:
      return isName(frame[2]) && hasText(frame, 3) && maybe(isDuration, frame[5] ?? undefined);
    case Kind.open:
      return isName(frame[2]) && isCount(frame[4]) && isMeta(frame[5]);
    case Kind.credit:
      return isId(frame[2]);
    case Kind.cancel:
      return maybe(isText, frame[2]);
    case Kind.result:
    case Kind.item:
    case Kind.end:
      return true;
    default:
      return false;
  }
}
