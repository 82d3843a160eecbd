import type { SystemError } from '../shared/errors.ts';
import type { BulkEndpoint } from '../endpoint/bulk-endpoint.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { ExchangeDelivery, IncomingExchange } from '../messaging/exchange.ts';
import type { Definition, TopicDef } from './definitions.ts';
import type { CallContext } from './handler-context.ts';
import type { CallMiddleware, Problem } from './peer-surface.ts';

/** Which payloads are checked against the contract: none, those that arrive, or those that leave as well. */
export type Validation = 'off' | 'inbound' | 'both';

/** Untyped handler of a call, stream or upload. */
export type AnyHandler = (input: unknown, context: CallContext) => unknown;

/** Where names without a listener or handler of this peer are looked up: what a server registered for all its peers. */
export interface PeerParent {
  listens(name: string): boolean;
  tell(name: string, data: unknown, peer: unknown): void;
  handler(name: string): AnyHandler | undefined;
}

/** Gives a peer what a kind of definition needs; called once for each peer, before anything else. */
export interface Plug {
  /** The endpoint it needs; absent where any will do. */
  readonly Endpoint?: typeof BulkEndpoint;
  plug?(this: void, host: PeerHost): void;
}

/** How a peer answers what the other end asks for. */
export interface ExchangeSide {
  /** Answers one name; returns the function that stops. @throws TypeError when it has a handler already */
  add(name: string, handler: AnyHandler): () => void;
  /** Runs, resumes or stops a handler. */
  take(delivery: ExchangeDelivery): void;
  /** Lets go of every handler. */
  clear(): void;
}

/** What all peers of one end have in common: made once per contract and end, not per connection. */
export interface PeerSettings {
  /** What this end may start. */
  readonly outgoing: ReadonlyMap<string, Definition>;
  /** What the other end may start. */
  readonly incoming: ReadonlyMap<string, Definition>;
  /** Topics this end may subscribe to; absent on the end that publishes. */
  readonly topics?: ReadonlyMap<string, TopicDef>;
  /** How long a topic stays subscribed after its last subscriber left, milliseconds. */
  readonly topicGrace?: number | undefined;
  /** What the contract needs besides messages. */
  readonly interactions: readonly Plug[];
  readonly validation: Validation;
  /** Milliseconds. */
  readonly callTimeout: number;
  /** What a server registered for all its peers. */
  readonly parent?: PeerParent;
  /** Around the calls of this end, outermost first. */
  readonly middleware?: readonly CallMiddleware[] | undefined;
}

/** What a peer has and needs from whoever owns its connection. */
export interface PeerHost extends PeerSettings {
  readonly endpoint: Endpoint;
  /** Absent until a definition that is answered plugs it in. */
  answering: ExchangeSide | undefined;
  /** Fails what was begun under a name the contract does not have, as its kind fails; plugged in with the exchanges. */
  refuse?: ((kind: string, error: SystemError, args: readonly unknown[]) => unknown) | undefined;
  /** Something went wrong that ends nothing. */
  report(found: Problem): void;
  /** What handlers are given, where that is more than what all are given. */
  context?(exchange: IncomingExchange): CallContext;
  /** Something was queued: transmit soon. */
  wake(): void;
  /** Epoch milliseconds. */
  now(): number;
  /** Whether so much waits in the socket that volatile data should be dropped. */
  congested(): boolean;
  /** Somebody uses the peer: dial if need be. @throws HawserError `UNAVAILABLE` when closed for good */
  use(): void;
  /** As {@link PeerHost.use}, and keeps the connection wanted until the returned function is called. */
  lease(): () => void;
  /** Runs `fn` after `delay` milliseconds unless the returned function is called first. */
  after(delay: number, fn: () => void): () => void;
}
