import { localDelay } from './backoff.ts';
import type { ConnectionContext, ConnectionInput, ConnectionStep } from './connection-io.ts';
import type { SuspendedState, WaitingState } from './connection-state.ts';
import { dial, freshMemory, giveUp, memoryOf, retryLater, stay, suspendHere } from './entering.ts';

/** One step while the next try waits for its time. */
export function whileWaiting(state: WaitingState, input: ConnectionInput, context: ConnectionContext): ConnectionStep {
  const { now } = context;
  switch (input.type) {
    case 'connect':
      return dial(memoryOf(state), state.error, context);
    case 'timeout':
      if (now < state.deadline) return stay(state);
      return now < state.downSince + context.policy.giveUpAfter
        ? dial(memoryOf(state), state.error, context)
        : giveUp(state.error, context);
    case 'online': {
      const step = retryLater(memoryOf(state), state.error, { delay: localDelay(context) }, context);
      const sooner = step[0].status !== 'reconnecting' || step[0].retryAt < state.retryAt;
      return sooner ? step : stay(state);
    }
    case 'offline':
    case 'frozen':
      return suspendHere(state, input.type, state.error, context);
    default:
      return stay(state);
  }
}

/** One step while trying makes no sense. */
export function whileSuspended(
  state: SuspendedState,
  input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  const { now } = context;
  const signedOut = state.reason === 'unauthenticated';
  switch (input.type) {
    case 'connect':
      // After a sign-in it is a first dial again, and `giveUpAfter` starts anew.
      return signedOut
        ? dial(freshMemory(now, state.credential), undefined, context)
        : dial(memoryOf(state), state.error, context);
    case 'online':
      if (signedOut) return stay(state);
      return retryLater(memoryOf(state), state.error, { delay: localDelay(context) }, context);
    case 'timeout':
      return state.giveUpAt === undefined || now < state.giveUpAt ? stay(state) : giveUp(state.error, context);
    default:
      return stay(state);
  }
}
