import { isDuration, isMap, isText, maybe } from './field.ts';
import { maxTextLength } from './limits.ts';
import { isName } from './name.ts';
import { withoutHalves } from './utf8.ts';

// What frames of several kinds have; `protocol/README.md` section 1.

/** Whether an element is text for people; it is shortened in place, and a pair cut in half becomes U+FFFD. */
export function hasText(frame: unknown[], at: number): boolean {
  const text = frame[at];
  if (isText(text)) frame[at] = withoutHalves(text.slice(0, maxTextLength));
  return isText(text);
}

/** Whether a value is meta; unknown keys are extensions of later versions. */
export function isMeta(meta: unknown): boolean {
  // No shape: this one is looked at with every request.
  return (
    (meta ?? null) === null ||
    (isMap(meta) && maybe(isDuration, meta['dl']) && maybe(isName, meta['k']) && maybe(isName, meta['tp']))
  );
}
