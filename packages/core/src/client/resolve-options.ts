import { defaultRetryPolicy, type RetryPolicy } from '../connection/retry-policy.ts';
import { systemClock, type Clock } from '../driver/clock.ts';
import type { Resolvable } from '../driver/dialer.ts';
import type { SocketClass } from '../driver/socket.ts';
import { defaultSendLimits } from '../endpoint/defaults.ts';
import type { EndpointOptions } from '../endpoint/endpoint-options.ts';
import type { Contract } from '../peer/contract.ts';
import type { Validation } from '../peer/peer.ts';
import { jsonCodec } from '../wire/json-codec.ts';
import { defaultWireLimits } from '../wire/limits.ts';
import type { ClientOptions } from './options.ts';

/** Client options with every default in place. */
export interface ResolvedOptions {
  readonly contract: Contract;
  readonly url: Resolvable<string | URL>;
  readonly auth: Resolvable<unknown>;
  readonly lazy: boolean;
  readonly idleTimeout: number;
  readonly reconnect: RetryPolicy;
  readonly callTimeout: number;
  readonly validation: Validation;
  readonly requeueUnsent: boolean;
  readonly endpoint: Omit<EndpointOptions, 'firstId'>;
  readonly WebSocket: SocketClass;
  readonly socketOptions: object | undefined;
  readonly clock: Clock;
}

/**
 * Fills in defaults and refuses what cannot work.
 *
 * @throws TypeError naming the option, what it got and what it takes
 */
export function resolveOptions(options: ClientOptions<Contract>, platformSocket: SocketClass): ResolvedOptions {
  const reconnect = { ...defaultRetryPolicy, ...options.reconnect };
  const keeps = { ...defaultSendLimits, ...options.buffer };
  const accepts = { ...defaultWireLimits, ...options.limits };
  const idleTimeout = options.idleTimeout ?? Number.POSITIVE_INFINITY;
  const callTimeout = options.callTimeout ?? 30_000;
  const runningHandlers = options.runningHandlers ?? 64;
  for (const [group, values] of Object.entries({
    reconnect,
    buffer: keeps,
    limits: accepts,
    '': { idleTimeout, callTimeout, runningHandlers },
  })) {
    for (const [name, value] of Object.entries(values)) checkNumber(group === '' ? name : `${group}.${name}`, value);
  }
  if (options.contract?.clientToServer === undefined) {
    throw new TypeError('`contract` is missing; make one with defineContract().');
  }
  if (options.url === undefined) throw new TypeError('`url` is missing; give a ws: or wss: URL, or a function that returns one.');
  const socket = options.WebSocket ?? platformSocket;
  if (typeof socket !== 'function') {
    throw new TypeError('This platform has no WebSocket; pass a class as the `WebSocket` option.');
  }
  return {
    contract: options.contract,
    url: options.url,
    auth: options.auth,
    lazy: options.lazy ?? true,
    idleTimeout,
    reconnect,
    callTimeout,
    validation: options.validate ?? 'inbound',
    requeueUnsent: options.requeueUnsent ?? true,
    endpoint: { codec: options.codec ?? jsonCodec, accepts, keeps, runningHandlers, overflow: options.overflow ?? 'reject' },
    WebSocket: socket,
    socketOptions: options.socketOptions,
    clock: options.clock ?? systemClock(),
  };
}

function checkNumber(name: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0) return;
  throw new TypeError(`\`${name}\` is ${String(value)}; it takes a number from 0 up (milliseconds, bytes or a count).`);
}
