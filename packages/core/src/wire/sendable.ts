import { type ErrorDetails, HawserError, systemError, type SystemError } from '../shared/errors.ts';
import { explain } from '../shared/explain.ts';
import { problemInFrame } from './explain-payload.ts';
import type { Test } from './field.ts';
import type { Frame } from './frame.ts';
import { isPlainData } from './plain-data.ts';

/**
 * Encodes a frame whose values may travel, `protocol/README.md` section 1.4.
 *
 * A sender refuses here whatever a receiver would close the connection for, and numbers that are not finite, functions
 * and symbols. Where errors are explained it also refuses what is lost without a trace, such as a `Map`; production
 * bundles for browsers leave that out. `toJSON` is called for the check and once more by `write`.
 *
 * @param isBytes - which binary types the codec carries
 * @param write - gets the frame without `undefined` elements at its end
 * @throws HawserError `INVALID_INPUT`; what the value's own code threw is its cause
 */
export function encodeSendable<T>(frame: Frame, isBytes: Test, write: (elements: readonly unknown[]) => T): T {
  let cause: unknown;
  try {
    if (isSendable(frame, isBytes)) return write(withoutTail(frame));
  } catch (error) {
    cause = error;
  }
  // Said already, here or by a toJSON that sends something itself.
  if (explain && cause instanceof HawserError && cause.code === 'INVALID_INPUT') throw cause;
  throw unsendable(explain && 'a getter or toJSON of the payload threw; see cause', { cause });
}

/** The error for a value that cannot be encoded. @param problem - as `explain && '…'` */
export function unsendable(problem: string | false, details?: ErrorDetails<unknown>): SystemError {
  return systemError('INVALID_INPUT', explain && `Nothing was sent: ${problem}.`, details);
}

function isSendable(frame: Frame, isBytes: Test): boolean {
  if (!explain) return isPlainData(frame, '', 2, isBytes);
  const problem = problemInFrame(frame, isBytes);
  if (problem !== undefined) throw unsendable(problem);
  return true;
}

/** A codec would write null for them. The kind is always there, so this ends. */
function withoutTail(frame: Frame): readonly unknown[] {
  let elements: readonly unknown[] = frame;
  while (elements.at(-1) === undefined) elements = elements.slice(0, -1);
  return elements;
}
