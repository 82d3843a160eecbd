import { CloseCode } from '../wire/close-code.ts';
import type { ConnectionContext, ConnectionInput, ConnectionStep } from './connection-io.ts';
import type { ConnectedState } from './connection-state.ts';
import { release, stay } from './entering.ts';
import { lose } from './losing.ts';

/** One step while the link is up. */
export function whileConnected(
  state: ConnectedState,
  input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  switch (input.type) {
    case 'lost':
      return lose(state, { ...input, by: 'peer', opened: true }, context);
    case 'silent':
      // Not 1000 or 1001: the server must keep the session.
      return drop(state, CloseCode.heartbeatMissed, 'heartbeat missed', context);
    case 'fault':
      return drop(state, input.code, input.reason, context);
    case 'timeout':
      return prove(state, context.now);
    case 'measured':
      return measure(state, input.latency ?? state.latency, input.degraded);
    default:
      // Also 'offline' and 'frozen': the machine may be wrong, or the link may survive. The heartbeat finds out.
      return stay(state);
  }
}

function drop(state: ConnectedState, code: number, reason: string, context: ConnectionContext): ConnectionStep {
  return lose(state, { by: 'here', opened: true, code, reason }, context, release(state, code, reason));
}

/** The link has held long enough: what came before is forgotten. */
function prove(state: ConnectedState, now: number): ConnectionStep {
  if (state.stableAt === undefined || now < state.stableAt) return stay(state);
  return [{ ...state, attempt: 0, credential: 'trusted', stableAt: undefined }, []];
}

function measure(state: ConnectedState, latency: number | undefined, degraded: boolean): ConnectionStep {
  if (latency === state.latency && degraded === state.degraded) return stay(state);
  return [{ ...state, latency, degraded }, []];
}
