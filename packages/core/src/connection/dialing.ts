import { systemError } from '../shared/errors.ts';
import type { SystemError } from '../shared/errors.ts';
import { CloseCode } from '../wire/close-code.ts';
import { localDelay, retryDelay, serverDelay } from './backoff.ts';
import type { ConnectionContext, ConnectionInput, ConnectionStep } from './connection-io.ts';
import { close, release, retryLater, stay, suspend, suspendHere } from './entering.ts';
import type { DialingState } from './entering.ts';
import type { LossData } from './loss-error.ts';
import { lose, memoryAfterTry } from './losing.ts';

const { handshakeTimeout } = CloseCode;

/** One step while a try runs: preparing, opening or greeting. */
export function whileDialing(state: DialingState, input: ConnectionInput, context: ConnectionContext): ConnectionStep {
  const { phase } = state;
  switch (input.type) {
    case 'prepared':
      return phase === 'preparing' ? open(state) : stay(state);
    case 'opened':
      return phase === 'opening' ? greet(state, context) : stay(state);
    case 'welcomed':
      return phase === 'greeting' ? welcome(state, input.resumed, context) : stay(state);
    case 'failed':
      return fail(state, input.error, context);
    case 'lost':
      return phase === 'preparing'
        ? stay(state)
        : lose(state, { ...input, by: 'peer', opened: phase === 'greeting' }, context);
    case 'fault':
      if (phase !== 'greeting') return stay(state);
      return lose(state, { ...input, by: 'here', opened: true }, context, release(state, input.code, input.reason));
    case 'timeout':
      return timeOut(state, retryDelay(state.attempt + 1, 'spread', context), context);
    case 'online':
      // A machine that slept in the middle of a try may say so before the timer does.
      return timeOut(state, localDelay(context), context);
    case 'offline':
    case 'frozen': {
      const cause = state.status === 'reconnecting' ? state.error : undefined;
      return suspendHere(state, input.type, cause, context, release(state, handshakeTimeout, input.type));
    }
    default:
      return stay(state);
  }
}

function open(state: DialingState): ConnectionStep {
  // What was asked for with `refresh` is new; that the server takes it has yet to be seen.
  const credential = state.credential === 'refused' ? 'renewed' : state.credential;
  return [{ ...state, credential, phase: 'opening' }, [{ type: 'open' }]];
}

function greet(state: DialingState, { now, policy }: ConnectionContext): ConnectionStep {
  return [{ ...state, phase: 'greeting', deadline: now + policy.welcomeTimeout }, [{ type: 'greet' }]];
}

function welcome(
  { attempt, credential }: DialingState,
  resumed: boolean,
  { now, policy }: ConnectionContext,
): ConnectionStep {
  const stableAt = now + policy.stableAfter;
  return [
    { status: 'connected', since: now, resumed, degraded: false, latency: undefined, attempt, credential, stableAt },
    [],
  ];
}

/** The driver could not do its part; only a hello that cannot be written leaves a socket behind. */
function fail(state: DialingState, error: SystemError, context: ConnectionContext): ConnectionStep {
  const drop = state.phase === 'greeting' ? release(state, handshakeTimeout, 'hello failed') : [];
  switch (error.code) {
    case 'UNAUTHENTICATED':
      return suspend({ ...memoryAfterTry(state), attempt: 1 }, 'unauthenticated', error, context, drop);
    case 'FORBIDDEN':
      return close('forbidden', error, drop);
    case 'CONTRACT_MISMATCH':
      return close('incompatible', error, drop);
    default: {
      const memory = { ...memoryAfterTry(state), refusals: state.refusals };
      const delay = retryDelay(memory.attempt, 'spread', context);
      return retryLater(memory, error, { delay, floor: serverDelay(error.retryAfter, context) }, context, drop);
    }
  }
}

function timeOut(state: DialingState, delay: number, context: ConnectionContext): ConnectionStep {
  if (context.now < state.deadline) return stay(state);
  const drop = release(state, handshakeTimeout, 'handshake timeout');
  return retryLater(memoryAfterTry(state), timeoutError(state, context), { delay }, context, drop);
}

function timeoutError({ phase }: DialingState, { policy }: ConnectionContext): SystemError {
  const text =
    phase === 'greeting'
      ? `The server did not answer the hello within ${policy.welcomeTimeout} ms (reconnect.welcomeTimeout)`
      : `${phase === 'preparing' ? '`url` or `auth` gave no answer' : 'The socket did not open'} within ${policy.connectTimeout} ms (reconnect.connectTimeout)`;
  const data: LossData = { closeCode: handshakeTimeout, reason: `${phase} took too long`, status: undefined };
  return systemError('TIMEOUT', `${text}. It is tried again.`, { data });
}
