import { systemError, type ErrorDetails, type SystemCode } from '../shared/errors.ts';
import type { Problem } from './peer-surface.ts';

/** Builds a {@link Problem} with its error. @param text - what happened, as `explain && '…'` */
export function problem(
  kind: Problem['kind'],
  name: string,
  code: SystemCode,
  text: string | false,
  details?: ErrorDetails<unknown>,
): Problem {
  return { kind, name, error: systemError(code, text, details) };
}
