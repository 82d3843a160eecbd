import { explain } from '../shared/explain.ts';
import { systemError, type SystemError } from '../shared/errors.ts';
import type { OutgoingExchange } from './exchange.ts';

/** Why a call without an answer ends with its session. @param left - whether the request was written */
export function lostExchange(name: string, left: boolean, closed: boolean): SystemError {
  if (left) {
    const text =
      explain &&
      `"${name}" was sent, but the session ended before its answer: it may or may not have run. ` +
        'Ask the other side before repeating it, or mark the call idempotent in the contract.';
    return systemError('UNKNOWN_OUTCOME', text, { executed: 'maybe' });
  }
  const text = explain && `"${name}" was not sent: the ${closed ? 'client was closed' : 'session ended'} first.`;
  return systemError(closed ? 'UNAVAILABLE' : 'SESSION_LOST', text);
}

/** Whether the other side may have begun to answer. */
export function mayHaveRun({ item, again }: OutgoingExchange): boolean {
  return item.seq > 0 || Boolean(again);
}
