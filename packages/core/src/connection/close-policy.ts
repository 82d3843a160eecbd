import type { SystemCode } from '../shared/errors.ts';
import type { Pace } from './backoff.ts';
import type { ClosedReason } from './connection-state.ts';

/** Why a client does not come back by itself; `unauthenticated` only the second time in a row. */
export type StopReason = ClosedReason | 'unauthenticated';

/**
 * What a client does after a close code: the code of the error that tells of it, why it stops (`undefined`: it comes
 * back) and how soon it comes back. See `protocol/README.md` section 7.
 */
export type CloseDecision = readonly [error: SystemCode, stop: StopReason | undefined, pace: Pace];

// Numbers, not names: a bundle would carry all of `CloseCode` for these few. The test compares them with it.

/** Codes with an error of their own. */
const errors: Readonly<Record<number, SystemCode>> = {
  4401: 'UNAUTHENTICATED',
  4403: 'FORBIDDEN',
  4406: 'CONTRACT_MISMATCH',
  4409: 'CONFLICT',
  4413: 'TOO_LARGE',
  4508: 'TIMEOUT',
  4529: 'RATE_LIMITED',
};

/** Codes after which the client stops otherwise than their class says. */
const stops: Readonly<Record<number, StopReason>> = {
  1000: 'server', // finished
  1002: 'protocol', // WebSocket protocol error
  1003: 'protocol', // kind of data
  1007: 'protocol', // invalid text
  1008: 'protocol', // policy
  1010: 'protocol', // extension missing
  4401: 'unauthenticated',
  4403: 'forbidden',
  4406: 'incompatible', // version, codec or contract
  4409: 'server', // superseded
  4410: 'server', // session ended
};

/** Codes whose first retry does not come within the spread. */
const paces: Readonly<Record<number, Pace>> = {
  1013: 'backoff', // try later
  4503: 'backoff', // overloaded
  4529: 'backoff', // rate limited
  4540: 'local', // sequence gap
  4542: 'local', // heartbeat missed
};

/** What HTTP statuses of a refused upgrade mean; any other passes. */
const statuses: Readonly<Record<number, number>> = { 401: 4401, 403: 4403, 426: 4406, 429: 4529 };

/**
 * What to do after a socket closed with `code`, or an upgrade was refused with the HTTP `status`.
 *
 * An unknown 44xx means that something must change first: stop. 3000-4399 and 4600-4999 belong to applications: their
 * server ended it. Anything else passes: come back.
 */
export function closeDecision(code: number, status?: number): CloseDecision {
  if (status !== undefined) return closeDecision(statuses[status] ?? 1006);
  const family = Math.floor(code / 100);
  const stop =
    stops[code] ?? (family === 44 ? 'protocol' : family > 29 && family < 50 && family !== 45 ? 'server' : undefined);
  return [errors[code] ?? (stop === 'protocol' ? 'INTERNAL' : 'UNAVAILABLE'), stop, paces[code] ?? 'spread'];
}
