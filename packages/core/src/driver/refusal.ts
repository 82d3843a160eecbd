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

/** Listens for a refused upgrade, which only `ws` shows; the returned object is filled in before the socket ends. */
export function watchRefusal(socket: SocketLike, clock: Clock): Refusal {
  const refusal: { status?: number; retryAfter?: number } = {};
  const { on } = socket as { on?: (event: string, fn: (request: unknown, response: UpgradeResponse) => void) => void };
  on?.call(socket, 'unexpected-response', (_request, { statusCode, headers }) => {
    const after = headers['retry-after'];
    // Seconds, or a date.
    const wait = Number(after) * 1_000 || Date.parse(String(after)) - clock.now();
    if (statusCode !== undefined) refusal.status = statusCode;
    if (wait > 0) refusal.retryAfter = wait;
    socket.terminate?.();
  });
  return refusal;
}
