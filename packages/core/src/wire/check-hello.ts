import { explain } from '../shared/explain.ts';
import { isCount, isId, malformed } from './field.ts';
import type { Hello } from './frame.ts';
import { isCaps, limits } from './handshake-shapes.ts';
import { isName } from './name.ts';
import { fits, misfit, optional, type Shape } from './shape.ts';

const hello: Shape = { v: isCount, caps: isCaps, lim: limits, contract: optional(isName) };
const resume: Shape = { sid: isName, tok: isName, n: isCount, recv: isCount, first: isId };

/**
 * Checks the body of a hello, `protocol/README.md` section 2; the credential belongs to the application.
 *
 * @throws WireError 4400
 */
export function checkHello(body: unknown): Hello {
  if (!fits(body, hello)) throw malformed(explain && misfit(body, hello, 'hello'));
  const checked = body as Hello;
  if (checked.resume !== undefined && !fits(checked.resume, resume))
    throw malformed(explain && misfit(checked.resume, resume, 'hello.resume'));
  return checked;
}
