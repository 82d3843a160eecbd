import type { CallOutcome } from '../messaging/outgoing-calls.ts';
import type { WireLimits } from '../wire/frame.ts';
import { jsonCodec } from '../wire/json-codec.ts';
import { defaultWireLimits } from '../wire/limits.ts';
import { defaultSendLimits } from './defaults.ts';
import type { EndpointOptions } from './endpoint-options.ts';
import { Endpoint } from './endpoint.ts';
import type { HeartbeatTiming } from './heartbeat.ts';

// Ends and what to do with them, for the tests of this folder.

/** The rhythm of every sample. */
export const heartbeat: HeartbeatTiming = { every: 25_000, grace: 20_000 };

/** One end; `1` is the dialling one. */
export function end(firstId: 1 | 2, options: Partial<EndpointOptions> = {}): Endpoint {
  return new Endpoint({
    codec: jsonCodec,
    firstId,
    accepts: defaultWireLimits,
    runningHandlers: 64,
    keeps: defaultSendLimits,
    overflow: 'reject',
    ...options,
  });
}

/** An end over a connection, with its first ping out of the way. */
export function attached(
  endpoint: Endpoint = end(2),
  peerReceived: number = 0,
  lim: WireLimits = defaultWireLimits,
): Endpoint {
  const firstPing = endpoint.nextId % 2 === 1 ? Infinity : 10_000;
  endpoint.attach({ peerReceived, peerAccepts: lim, heartbeat, firstPing }, 0);
  return endpoint;
}

/** Everything it wants to write. */
export function packets(endpoint: Endpoint, now: number = 0): string[] {
  const all: string[] = [];
  for (let next = endpoint.nextPacket(now); next !== undefined; next = endpoint.nextPacket(now))
    all.push(next as string);
  return all;
}

function sink(): { outcomes: CallOutcome[]; settle: (outcome: CallOutcome) => void } {
  const outcomes: CallOutcome[] = [];
  return { outcomes, settle: (outcome) => void outcomes.push(outcome) };
}

/** Starts a call whose outcome can be read afterwards. */
export function ask(
  endpoint: Endpoint,
  name: string,
  timeout: number = Infinity,
): { id: number; outcomes: CallOutcome[] } {
  const into = sink();
  const id = endpoint.call({ name, params: null, timeout, key: undefined, sink: into }, 0);
  return { id, outcomes: into.outcomes };
}

/** Hands settlements to their sinks; returns the rest. */
export function deliver(endpoint: Endpoint): unknown[] {
  const rest: unknown[] = [];
  for (const delivery of endpoint.takeDeliveries()) {
    if (delivery[0] === 0) delivery[1].settle(delivery[2]);
    else rest.push(delivery);
  }
  return rest;
}
