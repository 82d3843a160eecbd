import { systemError } from '../shared/errors.ts';
import type { ErrorDetails, SystemCode, SystemError } from '../shared/errors.ts';
import { explain } from '../shared/explain.ts';
import { retryDelay } from './backoff.ts';
import type { Pace } from './backoff.ts';
import { closeDecision } from './close-policy.ts';
import type { ConnectionContext, ConnectionEffect, ConnectionInput, ConnectionStep } from './connection-io.ts';
import type { ConnectedState, ConnectionState, DialingState, IdleState, RetryMemory } from './connection-state.ts';
import { explainLoss } from './explain-loss.ts';
import type { Loss, LossData } from './loss-error.ts';

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

/** The close code that stands for a failure of the driver; any other is tried again. */
const failureCodes: { readonly [code in SystemCode]?: number } = {
  UNAUTHENTICATED: 4401,
  FORBIDDEN: 4403,
  CONTRACT_MISMATCH: 4406,
};

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
  const { now, policy } = context;
  const due = now >= connectionDeadline(before);
  // A link that has held long enough: what came before is forgotten.
  const state: ConnectionState =
    due && before.status === 'connected' ? { ...before, attempt: 0, credential: 'trusted', stableAt: undefined } : before;
  const { status, phase = status, reason, error, retryAt = Infinity }: AnyState = state;
  const { attempt = 1, downSince = now, credential = 'trusted' }: AnyState = state;
  const giveUpAt = downSince + policy.giveUpAfter;
  /** What the next state remembers. */
  const memory = { attempt, downSince, credential };

  const waiting = phase === 'waiting';
  const dialing = phase !== status && !waiting;
  const live = dialing || status === 'connected';
  const signedOut = reason === 'unauthenticated';

  function drop(code: number, reason: string): ConnectionEffect[] {
    return live ? [{ type: 'drop', code, reason }] : [];
  }

  /** Starts a try: the first one of all when there is no error to tell of. The only way into a dial. */
  function dial(after: SystemError | undefined, effects: ConnectionEffect[] = []): ConnectionStep {
    return [
      {
        ...memory,
        phase: 'preparing',
        deadline: now + policy.connectTimeout,
        ...(after ? { status: 'reconnecting', retryAt: now, error: after } : { status: 'connecting' }),
      },
      [...effects, { type: 'prepare', refresh: memory.credential === 'refused' }],
    ];
  }

  /** Waits for the next try, or ends when `giveUpAfter` has passed. */
  function wait(cause: SystemError, pace: Pace = 'spread'): ConnectionState {
    if (now >= giveUpAt) {
      const text =
        explain &&
        `No connection for ${policy.giveUpAfter} ms (reconnect.giveUpAfter). Create a new client to try again; the cause says why the last try failed.`;
      return {
        status: 'closed',
        reason: 'gave-up',
        error: systemError('UNAVAILABLE', text, { retryable: false, data: cause.data, cause }),
      };
    }
    // News that the network is back make now a good moment, whatever failed before.
    const woken = input.type === 'online';
    const at = now + retryDelay(woken ? 1 : memory.attempt, woken ? 'local' : pace, cause.retryAfter ?? 0, context);
    return {
      ...memory,
      status: 'reconnecting',
      phase: 'waiting',
      retryAt: at,
      deadline: Math.min(at, giveUpAt),
      error: cause,
    };
  }

  /** Where a lost link or a failed try leads; see `protocol/README.md` section 7. */
  function lose(code: number, loss: Partial<Loss> = {}): ConnectionStep {
    const { reason = input.type, status, retryAfter = 0, cause } = loss;
    const failure = input.type === 'failed' ? input.error : undefined;
    const { error, reason: stop, pace } = closeDecision(code, status);
    const signIn = failure !== undefined || credential === 'renewed';
    const problem =
 failure ?? systemError(
      error,
      explain && explainLoss({ code, reason, status, cause }, { phase: phase, here: input.type !== 'lost', stop, signIn, policy }),
      {
        data: { closeCode: code, reason, status },
        retryable: stop ? false : undefined,
        retryAfter: Math.max(retryAfter, code === 1013 ? 10_000 : 0) || undefined,
        cause,
      } as ErrorDetails<LossData>,
    );
    const effects = input.type === 'lost' ? [] : drop(code, reason);
    memory.attempt += 1;
    if (stop === 'unauthenticated') {
      // No memory of tries: after a sign-in it is a first dial again, and `giveUpAfter` starts anew.
      if (signIn) return [{ status: 'suspended', reason: stop, error: problem, credential: 'refused' }, effects];
      memory.credential = 'refused';
      // The first dial stays the first one: a client that asks for a fresh token is still connecting.
      return dial(status === 'connecting' ? undefined : problem, effects);
    }
    return [stop ? { status: 'closed', reason: stop, error: problem } : wait(problem, pace), effects];
  }

  switch (input.type) {
    case 'connect':
      if (live) break;
      return dial(signedOut ? undefined : error);
    case 'disconnect':
      return [initialState, drop(1000, input.type)];
    case 'close':
      return [{ status: 'closed', reason: 'client', error: undefined }, drop(1000, input.type)];
    case 'prepared':
      if (phase !== 'preparing') break;
      // What was asked for with `refresh` is new; that the server takes it has yet to be seen.
      return [
        { ...(state as DialingState), phase: 'opening', credential: credential === 'refused' ? 'renewed' : credential },
        [{ type: 'open' }],
      ];
    case 'opened':
      if (phase !== 'opening') break;
      return [{ ...(state as DialingState), phase: 'greeting', deadline: now + policy.welcomeTimeout }, [{ type: 'greet' }]];
    case 'welcomed':
      if (phase !== 'greeting') break;
      return [
        {
          status: 'connected',
          since: now,
          resumed: input.resumed,
          degraded: false,
          latency: undefined,
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
      return lose(input.code, input);
    case 'silent':
      // Not 1000 or 1001: the server must keep the session.
      if (status !== 'connected') break;
      return lose(4542);
    case 'timeout':
    case 'online':
      if (dialing && due) return lose(4508);
      if (live || !error || signedOut) break;
      if (input.type === 'online') {
        const next: AnyState & ConnectionState = wait(error);
        // Never later than before.
        if ((next.retryAt ?? 0) < retryAt) return [next, []];
      } else if (due) return now < giveUpAt ? dial(error) : [wait(error), []];
      break;
    case 'offline':
    case 'frozen':
      if (!dialing && !waiting) break;
      return [
        {
          ...memory,
          status: 'suspended',
          reason: input.type === 'offline' ? input.type : 'hidden',
          error: systemError('UNAVAILABLE', explain && (input.type === 'offline' ? 'This machine has no network. It is tried again when the network is back, or on connect().' : 'The page is frozen. It is tried again when the page wakes, or on connect().'), { data: error?.data, cause: error }),
          deadline: giveUpAt,
        },
        drop(4508, input.type),
      ];
    case 'measured': {
      const up = state as ConnectedState;
      const { latency = up.latency, degraded } = input;
      if (status === 'connected' && (latency !== up.latency || degraded !== up.degraded)) return [{ ...up, latency, degraded }, []];
    }
  }
  return [state, []];
}

/** When the state wants a `timeout`, epoch milliseconds; Infinity when it wants none. */
export function connectionDeadline(state: ConnectionState): number {
  const { deadline, stableAt }: AnyState = state;
  return deadline ?? stableAt ?? Infinity;
}
