import type { ConnectionContext } from './connection-io.ts';

/**
 * How soon the first try after a loss may come: `local` when only this machine was affected, `spread` when many clients
 * may have lost the same server, `backoff` when the server is overloaded and even the first try must wait.
 */
export type Pace = 'local' | 'spread' | 'backoff';

/** What a delay depends on besides the failure. */
export type BackoffContext = Pick<ConnectionContext, 'random' | 'policy' | 'spread'>;

/**
 * Milliseconds to wait before a try; see `protocol/README.md` section 8.
 *
 * The first try after a loss comes within a window; later ones after `minDelay` plus full jitter under a ceiling that
 * doubles. Never before `retryAfter`, spread so that the clients of a server do not come back together; nonsense in its
 * place counts as 0, and nobody can ask for more than a day.
 *
 * @param attempt - number of the try; 0 when this machine knows that now is a good moment (network back, page awake)
 */
export function retryDelay(
  attempt: number,
  pace: Pace,
  { random, spread, policy: { minDelay, maxDelay } }: BackoffContext,
  retryAfter = 0,
): number {
  const delay =
    (attempt > 1 || pace === 'backoff' ? minDelay : 0) +
    random() *
      (attempt !== 1 || pace !== 'spread'
        ? Math.min(1_000 * 2 ** Math.max(0, attempt - 2), maxDelay)
        : Math.max(spread, 200));
  return retryAfter > 0 ? Math.max(delay, Math.min(retryAfter, 86_400_000) + random() * spread) : delay;
}
