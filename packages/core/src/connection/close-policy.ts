import type { SystemCode } from '../shared/errors.ts';
import type { Pace } from './backoff.ts';
import type { ClosedReason } from './connection-state.ts';

/** Why a client does not come back by itself; `unauthenticated` only the second time in a row. */
export type StopReason = ClosedReason | 'unauthenticated';

/**
 * What a client does after a close code: the code of the error that tells of it, why it stops (`undefined`: it comes
 * back) and how soon it comes back. See `protocol/README.md` section 7.
 */
export type CloseDecision = readonly [error: SystemCode, stop?: StopReason | undefined, pace?: Pace, atLeast?: number];

// Numbers, not names: a bundle would carry all of `CloseCode` for these few. The test compares them with it.
const decisions: readonly (readonly [decision: CloseDecision, ...codes: readonly number[]])[] = [
  [['UNAUTHENTICATED', 'unauthenticated'], 401, 4401],
  [['FORBIDDEN', 'forbidden'], 403, 4403],
  // Version, codec or contract.
  [['CONTRACT_MISMATCH', 'incompatible'], 426, 4406],
  // WebSocket protocol error, kind of data, invalid text, policy, extension missing.
  [['INTERNAL', 'protocol'], 1002, 1003, 1007, 1008, 1010],
  [['TOO_LARGE', 'protocol'], 4413],
  // Finished; ended by the server.
  [['UNAVAILABLE', 'server'], 1000, 4410],
  // Superseded.
  [['CONFLICT', 'server'], 4409],
  [['RATE_LIMITED', undefined, 'backoff'], 429, 4529],
  // Overloaded.
  [['UNAVAILABLE', undefined, 'backoff'], 4503],
  // Try later.
  [['UNAVAILABLE', undefined, 'backoff', 10_000], 1013],
  // Gap in the numbers, heartbeat missed.
  [['UNAVAILABLE', undefined, 'local'], 4540, 4542],
  // Handshake.
  [['TIMEOUT'], 4508],
];

/**
 * What to do after a socket closed with `code`, or an upgrade was refused with that HTTP status: the two never overlap.
 *
 * An unknown 44xx means that something must change first: stop. 3000-4399 and 4600-4999 belong to applications: their
 * server ended it. Anything else passes: come back.
 */
export function closeDecision(code: number): CloseDecision {
  const known = decisions.find(([, ...codes]) => codes.includes(code));
  const family = Math.floor(code / 100);
  return (
    known?.[0] ??
    (family === 44
      ? ['INTERNAL', 'protocol']
      : family > 29 && family < 50 && family !== 45
        ? ['UNAVAILABLE', 'server']
        : ['UNAVAILABLE'])
  );
}

/** The close codes that failures of the driver amount to; any other is tried again. */
export const failureCodes: { readonly [code in SystemCode]?: number } = {
  UNAUTHENTICATED: 4401,
  FORBIDDEN: 4403,
  CONTRACT_MISMATCH: 4406,
};
