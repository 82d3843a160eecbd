import { defaultRetryPolicy, type RetryPolicy } from '../connection/retry-policy.ts';
import { systemClock, type Clock } from '../driver/clock.ts';
import type { DialSource } from '../driver/dialer.ts';
import type { SocketClass } from '../driver/socket.ts';
import { defaultSendLimits } from '../endpoint/defaults.ts';
import type { EndpointOptions } from '../endpoint/endpoint-options.ts';
import type { Contract } from '../peer/contract.ts';
import type { CallMiddleware } from '../peer/peer-surface.ts';
import type { Validation } from '../peer/peer-host.ts';
import { explain } from '../shared/explain.ts';
import { jsonCodec } from '../wire/json-codec.ts';
import { defaultWireLimits } from '../wire/limits.ts';
import type { ClientOptions } from './options.ts';

/** Client options with every default in place, flat. */
export interface ResolvedOptions extends DialSource, EndpointOptions {
  readonly contract: Contract;
  readonly lazy: boolean;
  readonly idleTimeout: number;
  readonly reconnect: RetryPolicy;
  readonly callTimeout: number;
  readonly topicGrace?: number | undefined;
  readonly middleware?: readonly CallMiddleware<never>[];
  readonly validate: Validation;
  readonly requeueUnsent: boolean;
  readonly WebSocket: SocketClass;
  readonly socketOptions?: object;
  readonly clock: Clock;
}

/**
 * Fills in defaults and refuses what cannot work.
 *
 * @throws TypeError naming the option, what it got and what it takes (left out of production bundles for browsers)
 */
export function resolveOptions(options: ClientOptions<Contract>, platformSocket: SocketClass): ResolvedOptions {
  const { limits, buffer, reconnect } = options;
  const defaults = {
    auth: undefined,
    lazy: true,
    idleTimeout: Infinity,
    callTimeout: 30_000,
    validate: 'inbound' as const,
    requeueUnsent: true,
    codec: jsonCodec,
    runningHandlers: 64,
    overflow: 'reject' as const,
    WebSocket: platformSocket,
    clock: systemClock(),
  };
  const resolved: ResolvedOptions = {
    ...withDefaults(defaults, options),
    firstId: 1,
    reconnect: withDefaults(defaultRetryPolicy, reconnect),
    accepts: withDefaults(defaultWireLimits, limits),
    keeps: withDefaults(defaultSendLimits, buffer),
  };
  if (explain) check(resolved);
  return resolved;
}

/** What was given, and the defaults for what was not; `undefined` counts as not given. */
function withDefaults<Defaults extends object, Given extends object>(
  defaults: Defaults,
  given: Given | undefined,
): Defaults & Given {
  // Shared by all clients that have nothing of their own here.
  if (!given) return defaults as Defaults & Given;
  const merged = { ...defaults } as Defaults & Given;
  for (const name in given) if (given[name] !== undefined) (merged as Given)[name] = given[name];
  return merged;
}

function check(options: ResolvedOptions): void {
  const { contract, url, WebSocket, reconnect, keeps, accepts } = options;
  const { idleTimeout, callTimeout, topicGrace = 0, runningHandlers } = options;
  const groups = {
    reconnect,
    buffer: keeps,
    limits: accepts,
    '': { idleTimeout, callTimeout, topicGrace, runningHandlers },
  };
  for (const [group, values] of Object.entries(groups)) {
    for (const [name, value] of Object.entries(values) as [string, unknown][]) {
      if (typeof value === 'number' && value >= 0) continue;
      const option = group === '' ? name : `${group}.${name}`;
      throw new TypeError(
        `\`${option}\` is ${String(value)}; it takes a number from 0 up (milliseconds, bytes or a count).`,
      );
    }
  }
  if (contract?.clientToServer === undefined)
    throw new TypeError('`contract` is missing; make one with defineContract().');
  if (url === undefined)
    throw new TypeError('`url` is missing; give a ws: or wss: URL, or a function that returns one.');
  if (typeof WebSocket !== 'function') {
    throw new TypeError('This platform has no WebSocket; pass a class as the `WebSocket` option.');
  }
}
