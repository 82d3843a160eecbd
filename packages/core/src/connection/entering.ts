import { systemError } from '../shared/errors.ts';
import type { SystemError } from '../shared/errors.ts';
import { utf8Prefix } from '../wire/utf8.ts';
import type { ConnectionContext, ConnectionEffect, ConnectionStep } from './connection-io.ts';
import type {
  ClosedReason,
  ConnectedState,
  ConnectingState,
  ConnectionState,
  CredentialStanding,
  RedialingState,
  RetryMemory,
  SuspendedReason,
} from './connection-state.ts';

/** States in which a try runs. */
export type DialingState = ConnectingState | RedialingState;

/** How long to wait for the next try, milliseconds. */
export interface RetryTiming {
  /** What this side wants. */
  readonly delay: number;
  /** What the server wants at least. */
  readonly floor?: number;
}

/** So many tries without a visible cause may mean a refused credential. See `RetryMemory.refusals`. */
const suspectCredentialAfter = 3;

/** What fits into a close frame, bytes of UTF-8; a longer reason makes a browser throw. */
const longestReason = 123;

const nothing: readonly ConnectionEffect[] = [];

/** The input changes nothing; the state stays the same object, so that nobody is notified. */
export function stay(state: ConnectionState): ConnectionStep {
  return [state, nothing];
}

/** The memory of somebody who has not tried yet. */
export function freshMemory(now: number, credential: CredentialStanding = 'trusted'): RetryMemory {
  return { attempt: 1, downSince: now, notBefore: 0, credential, refusals: 0 };
}

/** The memory a state carries, without what belongs to the state alone. */
export function memoryOf({ attempt, downSince, notBefore, credential, refusals }: RetryMemory): RetryMemory {
  return { attempt, downSince, notBefore, credential, refusals };
}

/** The memory after a link that was up: past tries count unless the link had proved stable. */
export function memoryAfter(state: ConnectedState, now: number): RetryMemory {
  if (state.stableAt === undefined || now >= state.stableAt) return freshMemory(now);
  return { ...freshMemory(now, state.credential), attempt: state.attempt + 1 };
}

/**
 * Lets go of whatever is dialled or connected.
 *
 * @returns the effects, none when nothing is there to drop
 */
export function release(state: ConnectionState, code: number, reason: string): readonly ConnectionEffect[] {
  const live =
    state.status === 'connecting' ||
    state.status === 'connected' ||
    (state.status === 'reconnecting' && state.phase !== 'waiting');
  return live ? [{ type: 'drop', code, reason: utf8Prefix(reason, longestReason) }] : nothing;
}

/** Starts a try: the first one of all when there is no error to tell of. The only way into a dial. */
export function dial(
  memory: RetryMemory,
  error: SystemError | undefined,
  context: ConnectionContext,
  before: readonly ConnectionEffect[] = nothing,
): ConnectionStep {
  const { now, policy } = context;
  const refresh = memory.credential === 'refused' || memory.refusals === suspectCredentialAfter;
  const phase = { ...memory, phase: 'preparing', deadline: now + policy.connectTimeout } as const;
  return [
    error === undefined
      ? { status: 'connecting', ...phase }
      : { status: 'reconnecting', ...phase, retryAt: now, error },
    [...before, { type: 'prepare', refresh }],
  ];
}

/**
 * Waits for the next try, or ends when `giveUpAfter` has passed.
 *
 * What the server wants is remembered: nothing but `connect()` comes sooner.
 */
export function retryLater(
  memory: RetryMemory,
  error: SystemError,
  { delay, floor = 0 }: RetryTiming,
  context: ConnectionContext,
  before: readonly ConnectionEffect[] = nothing,
): ConnectionStep {
  const { now, policy } = context;
  const giveUpAt = memory.downSince + policy.giveUpAfter;
  if (now >= giveUpAt) return giveUp(error, context, before);
  const notBefore = floor > 0 ? Math.max(memory.notBefore, now + floor) : memory.notBefore;
  const retryAt = Math.max(now + delay, notBefore);
  const deadline = Math.min(retryAt, giveUpAt);
  return [{ status: 'reconnecting', ...memory, notBefore, phase: 'waiting', retryAt, deadline, error }, before];
}

/** Stops trying until something changes. */
export function suspend(
  memory: RetryMemory,
  reason: SuspendedReason,
  error: SystemError,
  { policy }: ConnectionContext,
  before: readonly ConnectionEffect[] = nothing,
): ConnectionStep {
  const end = reason === 'unauthenticated' ? Number.POSITIVE_INFINITY : memory.downSince + policy.giveUpAfter;
  const giveUpAt = Number.isFinite(end) ? end : undefined;
  return [{ status: 'suspended', ...memory, reason, error, giveUpAt }, before];
}

/** Stops trying because this machine said so; the tries so far stay remembered. */
export function suspendHere(
  state: RetryMemory,
  signal: 'offline' | 'frozen',
  cause: SystemError | undefined,
  context: ConnectionContext,
  before: readonly ConnectionEffect[] = nothing,
): ConnectionStep {
  const [reason, text] =
    signal === 'offline'
      ? ([
          'offline',
          'This machine has no network. It is tried again when the network is back, or on connect().',
        ] as const)
      : (['hidden', 'The page is frozen. It is tried again when the page wakes, or on connect().'] as const);
  const error = systemError('UNAVAILABLE', text, cause === undefined ? {} : { data: cause.data, cause });
  return suspend(memoryOf(state), reason, error, context, before);
}

/** Closes for good. */
export function close(
  reason: ClosedReason,
  error: SystemError | undefined,
  before: readonly ConnectionEffect[] = nothing,
): ConnectionStep {
  return [{ status: 'closed', reason, error }, before];
}

/** Closes because `giveUpAfter` has passed. */
export function giveUp(
  cause: SystemError,
  { policy }: ConnectionContext,
  before: readonly ConnectionEffect[] = nothing,
): ConnectionStep {
  const error = systemError(
    'UNAVAILABLE',
    `No connection for ${policy.giveUpAfter} ms (reconnect.giveUpAfter). Create a new client to try again; the cause says why the last try failed.`,
    { retryable: false, data: cause.data, cause },
  );
  return close('gave-up', error, before);
}
