import { systemError } from '../shared/errors.ts';
import type { ErrorDetails, SystemError } from '../shared/errors.ts';
import { explain } from '../shared/explain.ts';
import { retryDelay } from './backoff.ts';
import type { Pace } from './backoff.ts';
import { closeDecision, failureCodes } from './close-policy.ts';
import type { ConnectionContext, ConnectionEffect, ConnectionInput, ConnectionStep } from './connection-io.ts';
import type { ConnectedState, ConnectionState, DialingState, IdleState, RetryMemory } from './connection-state.ts';
import { explainEnd, explainLoss, explainPause } from './explain-loss.ts';
import type { LossData } from './explain-loss.ts';

/** Where every client starts, and where `disconnect()` leads. */
export const initialState: IdleState = { status: 'idle' };

/** What the machine reads of a state before it asks for its kind. */
interface AnyState extends Partial<RetryMemory> {
  readonly status: string;
  readonly phase?: string;
  readonly reason?: string;
  readonly deadline?: number;
  readonly stableAt?: number | undefined;
  readonly error?: SystemError | undefined;
  readonly retryAt?: number;
}

/** What the machine reads of an input that ends a try or a link. */
interface AnyEnd {
  readonly type: string;
  readonly reason?: string;
  readonly status?: number;
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
  readonly error?: SystemError;
}

/**
 * One step in the life of a connection: the next state and what the driver must do, in order.
 *
 * Never throws. An input that makes no sense in a state (it comes too late, as a rule) gives back the same state object
 * and no effects. Feed `timeout` when {@link connectionDeadline} has passed; earlier it does nothing. See
 * `protocol/README.md` sections 7 and 8.
 */
export function transition(
  before: ConnectionState,
  input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  if (before.status === 'closed') return [before, []];
  const { type } = input;
  const { now, policy } = context;
  const due = now >= connectionDeadline(before);
  // A link that has held long enough: what came before is forgotten.
  const state: ConnectionState =
    due && before.status === 'connected'
      ? { ...before, attempt: 0, credential: 'trusted', stableAt: undefined }
      : before;
  const { status, phase = status, reason, error, retryAt = Infinity, downSince = now }: AnyState = state;
  // What the next state remembers; a loss changes it on the way.
  let { attempt = 1, credential = 'trusted' }: AnyState = state;
  const giveUpAt = downSince + policy.giveUpAfter;
  const dialing = phase !== status && phase !== 'waiting';
  const live = dialing || status === 'connected';
  const signedOut = reason === 'unauthenticated';

  /** Lets go of whatever is dialled or connected. */
  function drop(code: number, why: string): ConnectionEffect[] {
    return live ? [{ type: 'drop', code, reason: why }] : [];
  }

  /** Starts a try: the first one of all when there is no error to tell of. The only way into a dial. */
  function dial(after: SystemError | undefined, effects: readonly ConnectionEffect[]): ConnectionStep {
    return [
      {
        attempt,
        downSince,
        credential,
        phase: 'preparing',
        deadline: now + policy.connectTimeout,
        ...(after ? { status: 'reconnecting', retryAt: now, error: after } : { status: 'connecting' }),
      },
      [...effects, { type: 'prepare', refresh: credential === 'refused' }],
    ];
  }

  /** Waits for the next try, or ends when `giveUpAfter` has passed. */
  function wait(cause: SystemError, pace: Pace = 'spread'): ConnectionState {
    if (now >= giveUpAt) {
      const text = explain && explainEnd(policy);
      return {
        status: 'closed',
        reason: 'gave-up',
        error: systemError('UNAVAILABLE', text, { retryable: false, cause }),
      };
    }
    // News that the network is back make now a good moment, whatever failed before.
    const at = now + retryDelay(type === 'online' ? 0 : attempt, pace, context, cause.retryAfter);
    return {
      attempt,
      downSince,
      credential,
      phase: 'waiting',
      deadline: Math.min(at, giveUpAt),
      status: 'reconnecting',
      retryAt: at,
      error: cause,
    };
  }

  /** Where a lost link or a failed try leads: what its close code says; see `protocol/README.md` section 7. */
  function lose(closeCode: number): ConnectionStep {
    const { reason: why = type, error: failure, status: answer, retryAfter = 0, cause }: AnyEnd = input;
    const [code, stop, pace, atLeast = 0] = closeDecision(answer ?? closeCode);
    const problem =
      failure ??
      systemError(
        code,
        explain &&
          explainLoss({ closeCode, why, answer, cause, phase, here: type !== 'lost', stop, credential, policy }),
        {
          data: { closeCode, reason: why, status: answer },
          retryable: stop ? false : undefined,
          retryAfter: Math.max(retryAfter, atLeast) || undefined,
          cause,
        } as ErrorDetails<LossData>,
      );
    const effects = type === 'lost' ? [] : drop(closeCode, why);
    attempt += 1;
    if (stop === 'unauthenticated') {
      if (failure || credential === 'renewed') {
        // No memory of tries: after a sign-in it is a first dial again, and `giveUpAfter` starts anew.
        const standing = failure ? credential : 'refused';
        return [{ status: 'suspended', reason: stop, error: problem, credential: standing }, effects];
      }
      credential = 'refused';
      // The first dial stays the first one: a client that asks for a fresh token is still connecting.
      return dial(status === 'connecting' ? undefined : problem, effects);
    }
    return [stop ? { status: 'closed', reason: stop, error: problem } : wait(problem, pace), effects];
  }

  switch (type) {
    case 'connect':
      if (live) break;
      return dial(signedOut ? undefined : error, []);
    case 'disconnect':
      return [initialState, drop(1000, type)];
    case 'close':
      return [{ status: 'closed', reason: 'client' }, drop(1000, type)];
    case 'prepared':
      if (phase !== 'preparing') break;
      // What was asked for with `refresh` is new; that the server takes it has yet to be seen.
      if (credential === 'refused') credential = 'renewed';
      return [{ ...(state as DialingState), credential, phase: 'opening' }, [{ type: 'open' }]];
    case 'opened':
      if (phase !== 'opening') break;
      return [
        { ...(state as DialingState), phase: 'greeting', deadline: now + policy.welcomeTimeout },
        [{ type: 'greet' }],
      ];
    case 'welcomed':
      if (phase !== 'greeting') break;
      return [
        {
          status: 'connected',
          since: now,
          resumed: input.resumed,
          degraded: false,
          attempt,
          credential,
          stableAt: now + policy.stableAfter,
        },
        [],
      ];
    case 'failed':
      if (!dialing) break;
      return lose(failureCodes[input.error.code] ?? 4508);
    case 'lost':
    case 'fault':
      if (!live || phase === 'preparing') break;
      return lose(input.code);
    case 'silent':
      if (status !== 'connected') break;
      // Heartbeat missed; not 1000 or 1001, for the server must keep the session.
      return lose(4542);
    case 'measured': {
      if (status !== 'connected') break;
      const { latency, degraded } = input;
      return [{ ...(state as ConnectedState), latency, degraded }, []];
    }
    case 'timeout':
    case 'online':
      // Handshake timeout. A machine that slept in the middle of a try may say so before the timer does.
      if (dialing && due) return lose(4508);
      if (live || !error || signedOut) break;
      if (type === 'online') {
        const next: AnyState & ConnectionState = wait(error);
        // Never later than before.
        if ((next.retryAt ?? 0) < retryAt) return [next, []];
      } else if (due) return now < giveUpAt ? dial(error, []) : [wait(error), []];
      break;
    case 'offline':
    case 'frozen':
      if (phase === status) break;
      return [
        {
          attempt,
          downSince,
          credential,
          deadline: giveUpAt,
          status: 'suspended',
          reason: type === 'offline' ? type : 'hidden',
          error: systemError('UNAVAILABLE', explain && explainPause(type), { cause: error }),
        },
        drop(4508, type),
      ];
  }
  // While connected also 'offline' and 'frozen': the machine may be wrong, or the link may survive. The heartbeat knows.
  return [state, []];
}

/** When the state wants a `timeout`, epoch milliseconds; Infinity when it wants none. */
export function connectionDeadline(state: ConnectionState): number {
  const { deadline, stableAt }: AnyState = state;
  return deadline ?? stableAt ?? Infinity;
}
