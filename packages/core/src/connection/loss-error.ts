import { systemError } from '../shared/errors.ts';
import type { SystemCode, SystemError } from '../shared/errors.ts';
import { CloseCode } from '../wire/close-code.ts';
import { isApplicationCode } from './close-policy.ts';
import type { CloseDecision } from './close-policy.ts';

/** How a link or a try ended. */
export interface Loss {
  /** Who ended it: the other side (or the network), or this one. */
  readonly by: 'peer' | 'here';
  /** Whether the socket had been open. */
  readonly opened: boolean;
  /** Close code; 1006 without a close frame, or when no socket was made. */
  readonly code: number;
  readonly reason: string;
  /** HTTP status of a refused upgrade, where the platform shows it. */
  readonly status?: number;
  /** Milliseconds the server asked to wait. */
  readonly retryAfter?: number;
  /** Failure below WebSocket, where the platform shows it. */
  readonly cause?: unknown;
}

/** `data` of the errors in connection states: plain facts, never a `CloseEvent`. */
export interface LossData {
  readonly closeCode: number;
  readonly reason: string;
  readonly status: number | undefined;
}

/** What follows a loss: the decision of the close code, or `suspend` for a credential refused again. */
export type LossOutcome = CloseDecision | { readonly action: 'suspend'; readonly error: SystemCode };

const meanings: Readonly<Record<number, string>> = {
  [CloseCode.finished]: 'the session is finished',
  [CloseCode.goingAway]: 'it is going away',
  [CloseCode.transportProtocol]: 'WebSocket protocol error',
  [CloseCode.unsupportedData]: 'kind of data not accepted',
  [CloseCode.none]: 'no code given',
  [CloseCode.invalidText]: 'data does not match its kind',
  [CloseCode.policy]: 'policy violation',
  [CloseCode.tooBig]: 'message too big',
  [CloseCode.extension]: 'a WebSocket extension is missing',
  [CloseCode.internalError]: 'server error',
  [CloseCode.restart]: 'restart',
  [CloseCode.tryLater]: 'try again later',
  [CloseCode.badGateway]: 'bad gateway',
  [CloseCode.protocolError]: 'protocol error',
  [CloseCode.unauthenticated]: 'credential missing, refused or expired',
  [CloseCode.forbidden]: 'forbidden',
  [CloseCode.unsupported]: 'protocol version, codec or contract not supported',
  [CloseCode.superseded]: 'another client took over the session',
  [CloseCode.sessionEnded]: 'the session was ended',
  [CloseCode.overLimit]: 'over a negotiated limit',
  [CloseCode.serverFault]: 'server fault',
  [CloseCode.overloaded]: 'overloaded',
  [CloseCode.handshakeTimeout]: 'handshake not completed in time',
  [CloseCode.draining]: 'draining',
  [CloseCode.moved]: 'moved to another address',
  [CloseCode.rateLimited]: 'rate limited',
  [CloseCode.sequenceGap]: 'sequence gap',
  [CloseCode.slowConsumer]: 'too slow to take what is sent',
  [CloseCode.heartbeatMissed]: 'nothing heard for too long',
};

/** The error a state carries after a loss: what happened, and what to do. */
export function lossError(loss: Loss, outcome: LossOutcome): SystemError {
  const data: LossData = { closeCode: loss.code, reason: loss.reason, status: loss.status };
  return systemError(outcome.error, `${happened(loss)}. ${advice(loss, outcome)}`, {
    data,
    ...(outcome.action === 'stop' ? { retryable: false } : {}),
    ...(loss.retryAfter !== undefined && loss.retryAfter > 0 ? { retryAfter: loss.retryAfter } : {}),
    ...(loss.cause === undefined ? {} : { cause: loss.cause }),
  });
}

function happened(loss: Loss): string {
  if (loss.status !== undefined) return `The server answered HTTP ${loss.status} instead of opening a WebSocket`;
  const said = quoted(loss.reason);
  if (loss.code === CloseCode.cut) {
    const why = quoted(loss.cause instanceof Error ? loss.cause.message : '') || said;
    return `${loss.opened ? 'The link broke' : 'The socket could not be opened'}${why && `: ${why}`}`;
  }
  const meaning = meanings[loss.code] ?? (isApplicationCode(loss.code) ? 'for a reason of its own' : 'no known reason');
  const who = loss.by === 'here' ? 'This side dropped the link' : 'The server closed the connection';
  return `${who}: ${meaning} (close code ${loss.code}${said && `, ${said}`})`;
}

/** As JSON, so that control characters in a foreign text cannot forge lines of a log; empty stays empty. */
function quoted(text: string): string {
  return text && JSON.stringify(text);
}

function advice({ code, status }: Loss, outcome: LossOutcome): string {
  switch (outcome.action) {
    case 'refresh':
      return 'A new credential is asked for.';
    case 'suspend':
      return 'Sign in again, then call connect().';
    case 'retry':
      return looksForeign(status)
        ? 'This is not a WebSocket endpoint: check the url, or the network for a login page. It is tried again.'
        : 'It is tried again.';
    case 'stop':
      if (code === CloseCode.superseded) return 'Close the other client, or give this one a session of its own.';
      if (outcome.reason === 'forbidden') return 'This user or application may not connect: ask for access.';
      if (outcome.reason === 'incompatible') return 'Reload or update this application.';
      if (outcome.reason === 'protocol') return 'This is a bug on one of the two sides: report it.';
      return 'Create a new client to come back.';
  }
}

/** Answers that look permanent though they may pass: a page, a redirect, a wrong path. Overload and gateways do not. */
function looksForeign(status: number | undefined): boolean {
  return status !== undefined && status < 500 && status !== 429 && status !== 408;
}
