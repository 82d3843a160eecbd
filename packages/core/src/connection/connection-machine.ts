import { CloseCode } from '../wire/close-code.ts';
import { codeForClosing } from './close-policy.ts';
import { whileConnected } from './connected.ts';
import type { ConnectionContext, ConnectionInput, ConnectionStep } from './connection-io.ts';
import type { ConnectionState, IdleState } from './connection-state.ts';
import { whileDialing } from './dialing.ts';
import { close, dial, freshMemory, release, stay } from './entering.ts';
import { whileSuspended, whileWaiting } from './pausing.ts';

/** Where every client starts, and where `disconnect()` leads. */
export const initialState: IdleState = { status: 'idle' };

/**
 * One step in the life of a connection: the next state and what the driver must do, in order.
 *
 * Never throws. An input that makes no sense in a state (it comes too late, as a rule) gives back the same state object
 * and no effects. Feed `timeout` when {@link connectionDeadline} has passed; earlier it does nothing. See
 * `protocol/README.md` sections 7 and 8.
 */
export function transition(state: ConnectionState, input: ConnectionInput, context: ConnectionContext): ConnectionStep {
  if (state.status === 'closed') return stay(state);
  if (input.type === 'close') {
    const { reason, error } = input;
    return close(reason, error, release(state, codeForClosing(reason), error?.message ?? reason));
  }
  if (input.type === 'disconnect') {
    return state.status === 'idle' ? stay(state) : [initialState, release(state, CloseCode.finished, 'disconnect')];
  }
  switch (state.status) {
    case 'idle':
      return input.type === 'connect' ? dial(freshMemory(context.now), undefined, context) : stay(state);
    case 'connecting':
      return whileDialing(state, input, context);
    case 'connected':
      return whileConnected(state, input, context);
    case 'reconnecting':
      return state.phase === 'waiting' ? whileWaiting(state, input, context) : whileDialing(state, input, context);
    case 'suspended':
      return whileSuspended(state, input, context);
  }
}

/** When the state wants a `timeout`, epoch milliseconds; Infinity when it wants none. */
export function connectionDeadline(state: ConnectionState): number {
  switch (state.status) {
    case 'connecting':
    case 'reconnecting':
      return state.deadline;
    case 'connected':
      return state.stableAt ?? Number.POSITIVE_INFINITY;
    case 'suspended':
      return state.giveUpAt ?? Number.POSITIVE_INFINITY;
    case 'idle':
    case 'closed':
      return Number.POSITIVE_INFINITY;
  }
}
