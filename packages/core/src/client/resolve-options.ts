import { defaultRetryPolicy, type RetryPolicy } from '../connection/retry-policy.ts';
import { systemClock, type Clock } from '../driver/clock.ts';
import type { DialSource } from '../driver/dialer.ts';
import type { SocketClass } from '../driver/socket.ts';
import { defaultSendLimits } from '../endpoint/defaults.ts';
import type { EndpointOptions } from '../endpoint/endpoint-options.ts';
import type { Contract } from '../peer/contract.ts';
import type { Validation } from '../peer/peer.ts';
import { explain } from '../shared/explain.ts';
import { jsonCodec } from '../wire/json-codec.ts';
import { defaultWireLimits } from '../wire/limits.ts';
import type { ClientOptions } from './options.ts';

/** Client options with every default in place. */
export interface ResolvedOptions extends DialSource {
  readonly contract: Contract;
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

/** What a packet needs beside one largest message, bytes. */
const packetHead = 1_024;

/**
 * Fills in defaults and refuses what cannot work.
 *
 * @throws TypeError naming the option, what it got and what it takes (left out of production bundles for browsers)
 */
export function resolveOptions(options: ClientOptions<Contract>, platformSocket: SocketClass): ResolvedOptions {
  const { contract, url, auth, limits = {} } = options;
  const { frame = defaultWireLimits.frame } = limits;
  const resolved: ResolvedOptions = {
    contract,
    url,
    auth,
    lazy: options.lazy ?? true,
    idleTimeout: options.idleTimeout ?? Infinity,
    reconnect: { ...defaultRetryPolicy, ...options.reconnect },
    callTimeout: options.callTimeout ?? 30_000,
    validation: options.validate ?? 'inbound',
    requeueUnsent: options.requeueUnsent ?? true,
    endpoint: {
      codec: options.codec ?? jsonCodec,
      accepts: { ...defaultWireLimits, ...limits, msg: limits.msg ?? frame - packetHead },
      keeps: { ...defaultSendLimits, ...options.buffer },
      runningHandlers: options.runningHandlers ?? 64,
      overflow: options.overflow ?? 'reject',
    },
    WebSocket: options.WebSocket ?? platformSocket,
    socketOptions: options.socketOptions,
    clock: options.clock ?? systemClock(),
  };
  if (explain) check(resolved);
  return resolved;
}

function check({ contract, url, endpoint, WebSocket, reconnect, idleTimeout, callTimeout }: ResolvedOptions): void {
  const { runningHandlers, keeps, accepts } = endpoint;
  const groups = { reconnect, buffer: keeps, limits: accepts, '': { idleTimeout, callTimeout, runningHandlers } };
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
