import type { ConnectionContext } from './connection-io.ts';

/**
 * How soon the first try after a loss may come: `local` when only this machine was affected, `spread` when many clients
 * may have lost the same server, `backoff` when the server is overloaded and even the first try must wait.
 */
export type Pace = 'local' | 'spread' | 'backoff';

/** What a delay depends on besides the attempt. */
export type BackoffContext = Pick<ConnectionContext, 'random' | 'policy' | 'spread'>;

/**
 * Milliseconds to wait before try number `attempt`; see `protocol/README.md` section 8.
 *
 * The first try after a loss comes within a window; later ones after `minDelay` plus full jitter under a ceiling that
 * doubles.
 */
export function retryDelay(attempt: number, pace: Pace, { policy, random, spread }: BackoffContext): number {
  const { minDelay, maxDelay } = policy;
  if (attempt > 1 || pace === 'backoff') {
    return minDelay + random() * Math.min(1_000 * 2 ** Math.max(0, attempt - 2), maxDelay);
  }
  return random() * (pace === 'local' ? Math.min(1_000, maxDelay) : Math.max(spread, Math.min(200, maxDelay)));
}

/**
 * Milliseconds before which the server wants no try, spread so that its clients do not come back together; 0 when it
 * named none, or nonsense. Nobody can ask for more than a day.
 */
export function serverDelay(retryAfter = 0, { random, spread }: BackoffContext): number {
  return retryAfter > 0 ? Math.min(retryAfter, 86_400_000) + random() * spread : 0;
}
