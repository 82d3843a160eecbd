import { systemError, type SystemError } from '../shared/errors.ts';

/** With which codes a handler or middleware may refuse on purpose. */
export type RefusalCode = 'RATE_LIMITED' | 'UNAVAILABLE' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'NOT_FOUND' | 'CONFLICT';

/**
 * Makes the error that refuses a call, stream or upload, to be thrown by a handler or by middleware; the caller gets it as
 * it is. Every other error a handler throws, save `ctx.fail`, reaches the caller as `INTERNAL` without its text.
 *
 * @param message - what the caller is told: why, and what to do
 * @param details - `retryAfter`: milliseconds the caller should wait
 */
export function refusal(
  code: RefusalCode,
  message: string,
  { retryAfter }: { readonly retryAfter?: number } = {},
): SystemError {
  return systemError(code, message, { retryAfter });
}
