// Test data: one state of every kind, reached by inputs rather than written down, and one input of every kind.
import { systemError } from '../shared/errors.ts';
import type { SystemError } from '../shared/errors.ts';
import type { ConnectionContext, ConnectionEffect, ConnectionInput } from './connection-io.ts';
import { connectionDeadline, initialState, transition } from './connection-machine.ts';
import type { ConnectionState } from './connection-state.ts';
import { defaultRetryPolicy } from './retry-policy.ts';
import type { RetryPolicy } from './retry-policy.ts';

/** What a test may choose; the rest is: now 1,000,000, random 0.5, spread 800 ms, the default policy. */
export interface Setting {
  readonly now?: number;
  readonly random?: () => number;
  readonly spread?: number;
  readonly policy?: Partial<RetryPolicy>;
}

/** A context for one step. */
export function contextOf(setting: Setting = {}): ConnectionContext {
  const policy = { ...defaultRetryPolicy, ...setting.policy };
  return {
    now: setting.now ?? 1_000_000,
    random: setting.random ?? (() => 0.5),
    spread: setting.spread ?? 800,
    policy,
  };
}

/** Where a script ends. */
export interface Walk {
  readonly state: ConnectionState;
  readonly now: number;
  /** Effects of the last step. */
  readonly effects: readonly ConnectionEffect[];
}

/** Runs a script of inputs. A number lets so many milliseconds pass; a `timeout` comes when the state's deadline is due. */
export function walk(
  script: readonly (ConnectionInput | number)[],
  setting: Setting = {},
  from: ConnectionState = initialState,
): Walk {
  let state = from;
  let effects: readonly ConnectionEffect[] = [];
  let now = contextOf(setting).now;
  for (const input of script) {
    if (typeof input === 'number') {
      now += input;
      continue;
    }
    const deadline = connectionDeadline(state);
    if (input.type === 'timeout' && Number.isFinite(deadline)) now = Math.max(now, deadline);
    [state, effects] = transition(state, input, contextOf({ ...setting, now }));
    // A step that changed the state it was given would throw from here on.
    Object.freeze(state);
    Object.freeze(effects);
  }
  return { state, now, effects };
}

/** Narrows a state, or fails the test that counts on it. */
export function expectStatus<S extends ConnectionState['status']>(
  state: ConnectionState,
  status: S,
): Extract<ConnectionState, { readonly status: S }> {
  if (state.status !== status) throw new Error(`expected ${status}, got ${JSON.stringify(state)}`);
  return state as Extract<ConnectionState, { readonly status: S }>;
}

export const connect: ConnectionInput = { type: 'connect' };
export const disconnect: ConnectionInput = { type: 'disconnect' };
export const close: ConnectionInput = { type: 'close' };
export const prepared: ConnectionInput = { type: 'prepared' };
export const opened: ConnectionInput = { type: 'opened' };
export const welcomed: ConnectionInput = { type: 'welcomed', resumed: true };
export const silent: ConnectionInput = { type: 'silent' };
export const timeout: ConnectionInput = { type: 'timeout' };
export const online: ConnectionInput = { type: 'online' };
export const offline: ConnectionInput = { type: 'offline' };
export const frozen: ConnectionInput = { type: 'frozen' };
export const measured: ConnectionInput = { type: 'measured', latency: 40, degraded: false };

/** The socket closed with this code. */
export function lost(
  code = 1006,
  more: { status?: number; retryAfter?: number; cause?: unknown } = {},
): ConnectionInput {
  return { type: 'lost', code, reason: '', ...more };
}

/** This side closes with this code. */
export function fault(code: number, reason = ''): ConnectionInput {
  return { type: 'fault', code, reason };
}

/** The driver could not prepare. */
export function failed(code: SystemError['code'] = 'UNAVAILABLE', retryAfter?: number): ConnectionInput {
  const details = retryAfter === undefined ? {} : { retryAfter };
  return { type: 'failed', error: systemError(code, `the test says ${code}`, details) };
}

/** From idle to the hello. */
export const toGreeting: readonly ConnectionInput[] = [connect, prepared, opened];
/** From idle to a link that has not proved stable. */
export const toConnected: readonly ConnectionInput[] = [...toGreeting, welcomed];
/** From idle to a stable link. */
export const toStable: readonly ConnectionInput[] = [...toConnected, timeout];

/** One state of every kind, by the name it has in the generated table. */
export const sampleStates: ReadonlyMap<string, Walk> = new Map([
  ['idle', walk([])],
  ['connecting, preparing', walk([connect])],
  ['connecting, opening', walk([connect, prepared])],
  ['connecting, greeting', walk(toGreeting)],
  ['connected, not yet stable', walk(toConnected)],
  ['connected, stable', walk(toStable)],
  ['reconnecting, waiting', walk([...toGreeting, lost()])],
  ['reconnecting, preparing', walk([...toStable, lost(), timeout])],
  ['reconnecting, opening', walk([...toStable, lost(), timeout, prepared])],
  ['reconnecting, greeting', walk([...toStable, lost(), timeout, prepared, opened])],
  ['suspended, offline', walk([...toStable, lost(), offline])],
  ['suspended, hidden', walk([...toStable, lost(), frozen])],
  ['suspended, unauthenticated', walk([...toGreeting, lost(4401), prepared, opened, lost(4401)])],
  ['closed', walk([...toStable, close])],
]);

/** One input of every kind, and of those that lead to different places. */
export const sampleInputs: ReadonlyMap<string, ConnectionInput> = new Map<string, ConnectionInput>([
  ['connect', connect],
  ['disconnect', disconnect],
  ['close', close],
  ['prepared', prepared],
  ['failed', failed()],
  ['failed (UNAUTHENTICATED)', failed('UNAUTHENTICATED')],
  ['failed (FORBIDDEN)', failed('FORBIDDEN')],
  ['failed (CONTRACT_MISMATCH)', failed('CONTRACT_MISMATCH')],
  ['opened', opened],
  ['welcomed', welcomed],
  ['lost (1006)', lost()],
  ['lost (1000)', lost(1000)],
  ['lost (1013)', lost(1013)],
  ['lost (4401)', lost(4401)],
  ['lost (4503, retryAfter 20 s)', lost(4503, { retryAfter: 20_000 })],
  ['silent', silent],
  ['fault (4400)', fault(4400, 'impossible ack')],
  ['fault (4540)', fault(4540, 'gap')],
  ['timeout, before the deadline', timeout],
  ['timeout', timeout],
  ['online', online],
  ['offline', offline],
  ['frozen', frozen],
  ['measured', measured],
]);
