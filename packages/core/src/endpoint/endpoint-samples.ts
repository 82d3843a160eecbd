import { Exchanges } from '../messaging/exchanges.ts';
import type { ExchangeNews, IncomingExchange } from '../messaging/exchange.ts';
import { Kind, type RequestFrame, type WireLimits } from '../wire/frame.ts';
import { jsonCodec } from '../wire/json-codec.ts';
import { defaultWireLimits } from '../wire/limits.ts';
import { defaultSendLimits } from './defaults.ts';
import { BulkEndpoint } from './bulk-endpoint.ts';
import type { EndpointEffect } from './endpoint-io.ts';
import type { EndpointOptions, Remains } from './endpoint-options.ts';
import type { Endpoint } from './endpoint.ts';
import { Heartbeat, type HeartbeatTiming } from './heartbeat.ts';
import { Rhythm } from './rhythm.ts';

// Ends and what to do with them, for the tests of this folder.

/** The rhythm of every sample. */
export const heartbeat: HeartbeatTiming = { every: 25_000, grace: 20_000 };

/** One end; `1` is the dialling one. */
export function end(firstId: 1 | 2, options: Partial<EndpointOptions> = {}): BulkEndpoint {
  const made = new BulkEndpoint({
    codec: jsonCodec,
    firstId,
    accepts: defaultWireLimits,
    runningHandlers: 64,
    keeps: defaultSendLimits,
    overflow: 'reject',
    ...options,
  });
  made.exchanges = new Exchanges(made, made.options);
  return made;
}

/** Its calls. */
export function calls({ exchanges }: BulkEndpoint): Exchanges {
  return exchanges as Exchanges;
}

/** An end over a connection, with its first ping out of the way. */
export function attached(
  endpoint: BulkEndpoint = end(2),
  peerReceived: number = 0,
  lim: WireLimits = defaultWireLimits,
  dials: boolean = false,
): BulkEndpoint {
  const heart = dials ? new Heartbeat(heartbeat, 0) : new Rhythm(heartbeat, 10_000, 0);
  endpoint.attach({ peerReceived, peerAccepts: lim, heartbeat: heart }, 0);
  return endpoint;
}

/** The dialling end over a connection; its first packet begins with a ping. */
export function dialled(
  endpoint: BulkEndpoint,
  peerReceived: number = 0,
  lim: WireLimits = defaultWireLimits,
): BulkEndpoint {
  return attached(endpoint, peerReceived, lim, true);
}

/** Everything it wants to write. */
export function packets(endpoint: Endpoint, now: number = 0): string[] {
  const all: string[] = [];
  for (let next = endpoint.nextPacket(now); next !== undefined; next = endpoint.nextPacket(now))
    all.push(next as string);
  return all;
}

/** Starts a call whose outcome can be read afterwards. */
export function ask(
  endpoint: BulkEndpoint,
  name: string,
  timeout: number = Infinity,
): { id: number; outcomes: ExchangeNews[] } {
  const outcomes: ExchangeNews[] = [];
  const sink = (outcome: ExchangeNews): void => void outcomes.push(outcome);
  const { id } = calls(endpoint).start({ name, params: null, timeout, key: undefined, sink }, 0);
  return { id, outcomes };
}

/** Takes what is told, hands settlements to their sinks, and returns the rest. */
export function told(endpoint: Endpoint): unknown[] {
  const rest: unknown[] = [];
  for (const output of endpoint.outputs.splice(0)) {
    if (!('type' in output) && output[0] === 0) output[1](output[2] as never, output[3]);
    else rest.push(output);
  }
  return rest;
}

/** The closes it asks for. */
export function faults(endpoint: Endpoint): EndpointEffect[] {
  return told(endpoint).filter((output) => (output as EndpointEffect).type === 'fault') as EndpointEffect[];
}

/** The session is over and nothing goes on. */
export function over(endpoint: Endpoint): Remains {
  return endpoint.restart(false);
}

/** What `told` says of requests that may run (with their kind) and of those that should stop (with 9). */
export function heard(outputs: readonly unknown[]): unknown[] {
  return (outputs as (readonly [number, IncomingExchange])[]).map(([kind, { request }]) =>
    kind === Kind.request ? request : [kind, request[1]],
  );
}

/** The exchange of an output. */
export function exchangeOf(output: unknown): IncomingExchange {
  return (output as readonly [number, IncomingExchange])[1];
}

/** A request as it arrives. */
export function asked(id: number, name: string): RequestFrame {
  return [Kind.request, id, name];
}
