// Reached only under `explain`, so that bundles for production carry none of it.
import type { RetryPolicy } from './retry-policy.ts';
import type { StopReason } from './close-policy.ts';
import type { CredentialStanding } from './connection-state.ts';

/** `data` of the errors in connection states: plain facts, never a `CloseEvent`. */
export interface LossData {
  /** 1006 without a close frame, or when no socket was made. */
  readonly closeCode: number;
  readonly reason: string;
  /** HTTP status of a refused upgrade, where the platform shows it. */
  readonly status: number | undefined;
}

/** All there is to say about a loss. */
export interface LossStory {
  readonly closeCode: number;
  /** Reason of the close. */
  readonly why: string;
  /** HTTP status of a refused upgrade, where the platform shows it. */
  readonly answer: number | undefined;
  /** Failure below WebSocket, where the platform shows it. */
  readonly cause: unknown;
  /** Phase of the try, or `connected`. */
  readonly phase: string;
  /** Whether this side ended it, rather than the other one or the network. */
  readonly here: boolean;
  readonly stop: StopReason | undefined;
  /** Before the loss. */
  readonly credential: CredentialStanding;
  readonly policy: Pick<RetryPolicy, 'connectTimeout' | 'welcomeTimeout'>;
}

const meanings: Readonly<Record<number, string>> = {
  1000: 'the session is finished',
  1001: 'it is going away',
  1002: 'WebSocket protocol error',
  1003: 'kind of data not accepted',
  1005: 'no code given',
  1007: 'data does not match its kind',
  1008: 'policy violation',
  1009: 'message too big',
  1010: 'a WebSocket extension is missing',
  1011: 'server error',
  1012: 'restart',
  1013: 'try again later',
  1014: 'bad gateway',
  4400: 'protocol error',
  4401: 'credential missing, refused or expired',
  4403: 'forbidden',
  4406: 'protocol version, codec or contract not supported',
  4409: 'another client took over the session',
  4410: 'the session was ended',
  4413: 'over a negotiated limit',
  4500: 'server fault',
  4503: 'overloaded',
  4508: 'handshake not completed in time',
  4512: 'draining',
  4521: 'moved to another address',
  4529: 'rate limited',
  4540: 'sequence gap',
  4541: 'too slow to take what is sent',
  4542: 'nothing heard for too long',
};

/** The message of the error a state carries after a loss: what happened, and what to do. */
export function explainLoss(story: LossStory): string {
  return `${happened(story)}. ${advice(story)}`;
}

function happened({ closeCode, why, answer, cause, phase, here, stop, policy }: LossStory): string {
  if (answer !== undefined) return `The server answered HTTP ${answer} instead of opening a WebSocket`;
  const said = quoted(why);
  if (closeCode === 1006) {
    const below = quoted(cause instanceof Error ? cause.message : '') || said;
    const broke = phase === 'opening' ? 'The socket could not be opened' : 'The link broke';
    return below ? `${broke}: ${below}` : broke;
  }
  if (closeCode === 4508 && here) {
    if (phase === 'greeting') {
      return `The server did not answer the hello within ${policy.welcomeTimeout} ms (reconnect.welcomeTimeout)`;
    }
    const what = phase === 'preparing' ? '`url` or `auth` gave no answer' : 'The socket did not open';
    return `${what} within ${policy.connectTimeout} ms (reconnect.connectTimeout)`;
  }
  const meaning = meanings[closeCode] ?? (stop === 'server' ? 'for a reason of its own' : 'no known reason');
  const who = here ? 'This side dropped the link' : 'The server closed the connection';
  return `${who}: ${meaning} (close code ${closeCode}${said && `, ${said}`})`;
}

/** As JSON, so that control characters in a foreign text cannot forge lines of a log; empty stays empty. */
function quoted(text: string): string {
  return text && JSON.stringify(text);
}

function advice({ closeCode, answer, stop, credential }: LossStory): string {
  switch (stop) {
    case undefined:
      return looksForeign(answer)
        ? 'This is not a WebSocket endpoint: check the url, or the network for a login page. It is tried again.'
        : 'It is tried again.';
    case 'unauthenticated':
      return credential === 'renewed' ? 'Sign in again, then call connect().' : 'A new credential is asked for.';
    case 'forbidden':
      return 'This user or application may not connect: ask for access.';
    case 'incompatible':
      return 'Reload or update this application.';
    case 'protocol':
      return 'This is a bug on one of the two sides: report it.';
    default:
      return closeCode === 4409
        ? 'Close the other client, or give this one a session of its own.'
        : 'Create a new client to come back.';
  }
}

/** The message of the error of a client whose `giveUpAfter` has passed. */
export function explainEnd({ giveUpAfter }: Pick<RetryPolicy, 'giveUpAfter'>): string {
  return `No connection for ${giveUpAfter} ms (reconnect.giveUpAfter). Create a new client to try again; the cause says why the last try failed.`;
}

/** The message of the error of a client that waits for this machine. */
export function explainPause(signal: 'offline' | 'frozen'): string {
  return signal === 'offline'
    ? 'This machine has no network. It is tried again when the network is back, or on connect().'
    : 'The page is frozen. It is tried again when the page wakes, or on connect().';
}

/** Answers that look permanent though they may pass: a page, a redirect, a wrong path. Overload and gateways do not. */
function looksForeign(status: number | undefined): boolean {
  return status !== undefined && status < 500 && status !== 429 && status !== 408;
}
