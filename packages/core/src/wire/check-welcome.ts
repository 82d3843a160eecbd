import { explain } from '../shared/explain.ts';
import { isBoolean, isCount, isDuration, isText, malformed } from './field.ts';
import type { Welcome } from './frame.ts';
import { isCaps, limits } from './handshake-shapes.ts';
import { isName } from './name.ts';
import { fits, misfit, optional, type Shape } from './shape.ts';

const welcome: Shape = {
  v: isCount,
  sid: isName,
  tok: isName,
  resumed: isBoolean,
  recv: isCount,
  why: optional(isText),
  who: optional(isText),
  caps: isCaps,
  lim: limits,
  hb: { every: (value) => isDuration(value) && value > 0, grace: isDuration },
  window: isDuration,
  spread: isDuration,
};

/**
 * Checks the body of a welcome, `protocol/README.md` section 2.
 *
 * @returns the body; a reason of a later version in `why` reads as `policy`
 * @throws WireError 4400
 */
export function checkWelcome(body: unknown): Welcome {
  if (!fits(body, welcome)) throw malformed(explain && misfit(body, welcome, 'welcome'));
  const checked = body as Welcome;
  const { why } = checked;
  if (why === undefined || /^(unknown|expired|overflow|principal)$/.test(why)) return checked;
  return { ...checked, why: 'policy' };
}
