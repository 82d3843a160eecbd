import type { RetryPolicy } from './retry-policy.ts';

/**
 * How soon the first try after a loss may come: `local` when only this machine was affected, `spread` when many clients
 * may have lost the same server, `backoff` when the server is overloaded and even the first try must wait.
 */
export type Pace = 'local' | 'spread' | 'backoff';

/** What a delay depends on besides the attempt. */
export interface BackoffContext {
  /** In [0, 1). */
  readonly random: () => number;
  readonly policy: Pick<RetryPolicy, 'minDelay' | 'maxDelay'>;
  /** Spread the last welcome asked for, milliseconds. */
  readonly spread: number;
}

/** Window of the first try when the cause was local, milliseconds. */
const localWindow = 1_000;
/** Least window of the first try otherwise, milliseconds. */
const leastSpread = 200;
/** Random part of the first backoff, milliseconds; doubles with every try. */
const base = 1_000;
/** No server can ask for more, milliseconds: one day, well inside what a timer can hold. */
const longest = 86_400_000;

/**
 * Milliseconds to wait before try number `attempt`; see `protocol/README.md` section 8.
 *
 * The first try after a loss comes within a window; later ones after `minDelay` plus full jitter under a ceiling that
 * doubles.
 */
export function retryDelay(attempt: number, pace: Pace, context: BackoffContext): number {
  const { policy, random } = context;
  if (attempt > 1 || pace === 'backoff') return policy.minDelay + random() * backoffCeiling(attempt, policy);
  return pace === 'local' ? localDelay(context) : random() * Math.max(trusted(context.spread), least(policy));
}

/** Milliseconds to wait when this machine knows that now is a good moment: network back, page awake. */
export function localDelay({ random, policy }: BackoffContext): number {
  return random() * Math.min(localWindow, policy.maxDelay);
}

/** Upper end of the random part of the wait before try number `attempt`, milliseconds. */
export function backoffCeiling(attempt: number, policy: BackoffContext['policy']): number {
  return Math.min(policy.maxDelay, base * 2 ** Math.max(0, attempt - 2));
}

/**
 * Milliseconds before which the server wants no try, spread so that its clients do not come back together; 0 when it
 * named none.
 *
 * @param retryAfter - milliseconds as the server named them; nonsense counts as none
 * @param atLeast - milliseconds the close code asks for by itself
 */
export function serverDelay(retryAfter: number | undefined, context: BackoffContext, atLeast = 0): number {
  const floor = Math.max(trusted(retryAfter), atLeast);
  return floor === 0 ? 0 : floor + context.random() * trusted(context.spread);
}

/** A duration another machine named: never negative, never endless. */
function trusted(ms: number | undefined): number {
  return ms !== undefined && ms > 0 ? Math.min(ms, longest) : 0;
}

function least(policy: BackoffContext['policy']): number {
  return Math.min(leastSpread, policy.maxDelay);
}
