import type { SystemCode } from '../shared/errors.ts';
import { CloseCode } from '../wire/close-code.ts';
import type { Pace } from './backoff.ts';
import type { ClosedReason } from './connection-state.ts';

/** What a client does after a close code; see `protocol/README.md` section 7. */
export type CloseDecision =
  /** Come back, no sooner than `atLeast` milliseconds. */
  | { readonly action: 'retry'; readonly pace: Pace; readonly atLeast: number; readonly error: SystemCode }
  /** Ask for a new credential and come back at once; the second time in a row, wait for a sign-in. */
  | { readonly action: 'refresh'; readonly error: SystemCode }
  /** Never come back. */
  | { readonly action: 'stop'; readonly reason: ClosedReason; readonly error: SystemCode };

const retry = (pace: Pace, atLeast = 0, error: SystemCode = 'UNAVAILABLE'): CloseDecision => ({
  action: 'retry',
  pace,
  atLeast,
  error,
});
const stop = (reason: ClosedReason, error: SystemCode): CloseDecision => ({ action: 'stop', reason, error });

const comeBack = retry('spread');
const comeBackNow = retry('local');
const comeBackLater = retry('backoff');
const comeBackSlower = retry('backoff', 0, 'RATE_LIMITED');
const refresh: CloseDecision = { action: 'refresh', error: 'UNAUTHENTICATED' };
const ended = stop('server', 'UNAVAILABLE');
const superseded = stop('server', 'CONFLICT');
const broken = stop('protocol', 'INTERNAL');
const tooLarge = stop('protocol', 'TOO_LARGE');
const forbidden = stop('forbidden', 'FORBIDDEN');
const incompatible = stop('incompatible', 'CONTRACT_MISMATCH');

const byCode: ReadonlyMap<number, CloseDecision> = new Map([
  [CloseCode.finished, ended],
  [CloseCode.transportProtocol, broken],
  [CloseCode.unsupportedData, broken],
  [CloseCode.invalidText, broken],
  [CloseCode.policy, broken],
  [CloseCode.extension, broken],
  [CloseCode.tryLater, retry('backoff', 10_000)],
  [CloseCode.protocolError, broken],
  [CloseCode.unauthenticated, refresh],
  [CloseCode.forbidden, forbidden],
  [CloseCode.unsupported, incompatible],
  [CloseCode.superseded, superseded],
  [CloseCode.sessionEnded, ended],
  [CloseCode.overLimit, tooLarge],
  [CloseCode.overloaded, comeBackLater],
  [CloseCode.rateLimited, comeBackSlower],
  [CloseCode.sequenceGap, comeBackNow],
  [CloseCode.heartbeatMissed, comeBackNow],
]);

const byStatus: ReadonlyMap<number, CloseDecision> = new Map([
  [401, refresh],
  [403, forbidden],
  [426, incompatible],
  [429, comeBackSlower],
  [503, comeBackLater],
]);

/**
 * What to do after a socket closed with `code`, or an upgrade was refused with the HTTP `status`.
 *
 * An unknown 44xx means that something must change first: stop. 3000-4399 and 4600-4999 belong to applications: their
 * server ended it. Anything else passes: come back.
 */
export function closeDecision(code: number, status?: number): CloseDecision {
  if (status !== undefined) return byStatus.get(status) ?? comeBack;
  const known = byCode.get(code);
  if (known) return known;
  if (code >= 4400 && code <= 4499) return broken;
  if (isApplicationCode(code)) return ended;
  return comeBack;
}

/** Whether the code belongs to the application rather than to WebSocket or Hawser. */
export function isApplicationCode(code: number): boolean {
  return code >= 3000 && code <= 4999 && (code < 4400 || code > 4599);
}

/** The close code that tells the server why this client ends for good. */
export function codeForClosing(reason: ClosedReason): number {
  switch (reason) {
    case 'protocol':
      return CloseCode.protocolError;
    case 'forbidden':
      return CloseCode.forbidden;
    case 'incompatible':
      return CloseCode.unsupported;
    case 'client':
    case 'server':
    case 'gave-up':
      return CloseCode.finished;
  }
}
