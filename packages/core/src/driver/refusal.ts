import type { Clock } from './clock.ts';
import type { SocketLike } from './socket.ts';

/** Why an upgrade was refused, where the platform shows it. */
export interface Refusal {
  /** HTTP status. */
  readonly status?: number;
  /** Milliseconds the server asked to wait. */
  readonly retryAfter?: number;
}

interface UpgradeResponse {
  readonly statusCode?: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

type Emitter = { on?(event: string, listener: (...args: never) => void): unknown };

/** Listens for a refused upgrade, which only `ws` shows; the returned object is filled in before the socket ends. */
export function watchRefusal(socket: SocketLike, clock: Clock): Refusal {
  const refusal: { status?: number; retryAfter?: number } = {};
  (socket as Emitter).on?.('unexpected-response', (_request: unknown, { statusCode, headers }: UpgradeResponse) => {
    const after = headers['retry-after'];
    // Seconds, or a date.
    const wait = Number(after) * 1_000 || Date.parse(String(after)) - clock.now();
    if (statusCode !== undefined) refusal.status = statusCode;
    if (wait > 0) refusal.retryAfter = wait;
    socket.terminate?.();
  });
  return refusal;
}

/** What an error of `ws` says better than the close code that follows it. */
export function faultOf(error: unknown): { readonly code?: number; readonly reason?: string } {
  const { message = '', code: found = '' } = (error ?? {}) as { readonly message?: string; readonly code?: string };
  // `ws` ends the upgrade itself when the server does not echo the sub-protocol, and says so only in words. What the server
  // broke later it reports as a cut, with the fault in the error alone.
  const code = /subprotocol/.test(message) ? 4406 : brokenFrame(found);
  return code === undefined ? {} : { code, reason: message };
}

/** The close code this end's socket sent because of an illegal frame; not of one that was only too large. */
function brokenFrame(code: string): number | undefined {
  if (code === 'WS_ERR_INVALID_UTF8') return 1007;
  if (code === 'WS_ERR_TOO_MANY_BUFFERED_PARTS') return 1008;
  return /^WS_ERR_((UN)?EXPECTED|INVALID)_/.test(code) ? 1002 : undefined;
}
