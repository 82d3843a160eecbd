// Replaced in builds for browsers, which show nothing of a refused upgrade: see scripts/build.
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
  const refusal: { code?: number; reason?: string; status?: number; retryAfter?: number } = {};
  const emitter = socket as Emitter;
  emitter.on?.('unexpected-response', (_request: unknown, { statusCode, headers }: UpgradeResponse) => {
    const after = headers['retry-after'];
    // Seconds, or a date.
    const wait = Number(after) * 1_000 || Date.parse(String(after)) - clock.now();
    if (statusCode !== undefined) refusal.status = statusCode;
    if (wait > 0) refusal.retryAfter = wait;
    socket.terminate?.();
  });
  // `ws` ends the upgrade itself when the server does not echo the sub-protocol, and says so only in words.
  emitter.on?.('error', ({ message }: Error) => {
    if (/subprotocol/.test(message)) Object.assign(refusal, { code: 4406, reason: message });
  });
  return refusal;
}
