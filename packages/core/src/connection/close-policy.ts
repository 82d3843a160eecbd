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

const comeBack: CloseDecision = ['UNAVAILABLE'];
const backOff: CloseDecision = ['UNAVAILABLE', undefined, 'backoff'];
const resume: CloseDecision = ['UNAVAILABLE', undefined, 'local'];
const slowDown: CloseDecision = ['RATE_LIMITED', undefined, 'backoff'];
const signIn: CloseDecision = ['UNAUTHENTICATED', 'unauthenticated'];
const forbidden: CloseDecision = ['FORBIDDEN', 'forbidden'];
const incompatible: CloseDecision = ['CONTRACT_MISMATCH', 'incompatible'];
const ended: CloseDecision = ['UNAVAILABLE', 'server'];
const broken: CloseDecision = ['INTERNAL', 'protocol'];

// Numbers, not names: a bundle would carry all of `CloseCode` for these few. The test compares them with it.
const special: Readonly<Record<number, CloseDecision>> = {
  401: signIn,
  403: forbidden,
  426: incompatible,
  429: slowDown,
  1000: ended, // finished
  1002: broken, // WebSocket protocol error
  1003: broken, // kind of data
  1007: broken, // invalid text
  1008: broken, // policy
  1010: broken, // extension missing
  1013: ['UNAVAILABLE', undefined, 'backoff', 10_000], // try later
  4401: signIn,
  4403: forbidden,
  4406: incompatible, // version, codec or contract
  4409: ['CONFLICT', 'server'], // superseded
  4410: ended,
  4413: ['TOO_LARGE', 'protocol'],
  4503: backOff, // overloaded
  4508: ['TIMEOUT'], // handshake
  4529: slowDown, // rate limited
  4540: resume, // sequence gap
  4542: resume, // heartbeat missed
};

/**
 * What to do after a socket closed with `code`, or an upgrade was refused with that HTTP status: the two never overlap.
 *
 * An unknown 44xx means that something must change first: stop. 3000-4399 and 4600-4999 belong to applications: their
 * server ended it. Anything else passes: come back.
 */
export function closeDecision(code: number): CloseDecision {
  const family = Math.floor(code / 100);
  return special[code] ?? (family === 44 ? broken : family > 29 && family < 50 && family !== 45 ? ended : comeBack);
}

/** The close codes that failures of the driver amount to; any other is tried again. */
export const failureCodes: { readonly [code in SystemCode]?: number } = {
  UNAUTHENTICATED: 4401,
  FORBIDDEN: 4403,
  CONTRACT_MISMATCH: 4406,
};
