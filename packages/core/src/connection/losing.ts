import { retryDelay, serverDelay } from './backoff.ts';
import { closeDecision } from './close-policy.ts';
import type { ConnectionContext, ConnectionEffect, ConnectionStep } from './connection-io.ts';
import type { ConnectedState, RetryMemory } from './connection-state.ts';
import { close, dial, freshMemory, memoryAfter, memoryOf, retryLater, suspend } from './entering.ts';
import type { DialingState } from './entering.ts';
import { lossError } from './loss-error.ts';
import type { Loss } from './loss-error.ts';

/**
 * Where a lost link or a failed try leads; see `protocol/README.md` section 7.
 *
 * @param before - effects that come first: a drop, when this side ends a socket that is still there
 */
export function lose(
  state: DialingState | ConnectedState,
  loss: Loss,
  context: ConnectionContext,
  before: readonly ConnectionEffect[] = [],
): ConnectionStep {
  const decision = closeDecision(loss.code, loss.status);
  const memory = state.status === 'connected' ? memoryAfter(state, context.now) : memoryAfterTry(state, loss);
  switch (decision.action) {
    case 'stop':
      return close(decision.reason, lossError(loss, decision), before);
    case 'refresh': {
      const refused: RetryMemory = { ...memory, credential: 'refused', refusals: 0 };
      if (memory.credential === 'renewed') {
        const error = lossError(loss, { action: 'suspend', error: decision.error });
        return suspend(freshMemory(memory.downSince, 'refused'), 'unauthenticated', error, context, before);
      }
      // The first dial stays the first one: a client that asks for a fresh token is still connecting.
      return dial(refused, state.status === 'connecting' ? undefined : lossError(loss, decision), context, before);
    }
    case 'retry': {
      const delay = retryDelay(memory.attempt, decision.pace, context);
      const floor = serverDelay(loss.retryAfter, context, decision.atLeast);
      return retryLater(memory, lossError(loss, decision), { delay, floor }, context, before);
    }
  }
}

/** The memory after a try that failed. */
export function memoryAfterTry(state: DialingState, loss?: Loss): RetryMemory {
  const hidden = loss !== undefined && !loss.opened && loss.status === undefined && loss.cause === undefined;
  return { ...memoryOf(state), attempt: state.attempt + 1, refusals: hidden ? state.refusals + 1 : 0 };
}
