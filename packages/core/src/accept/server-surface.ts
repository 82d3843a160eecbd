import type { Contract } from '../peer/contract.ts';
import type { Definitions } from '../peer/definitions.ts';
import type {
  HandledName,
  MessageIn,
  MessageName,
  MessageOut,
  TopicIn,
  TopicParamsOut,
} from '../peer/contract-types.ts';
import type { Handler, HandlerContext, ListenOptions, Peer } from '../peer/peer-surface.ts';
import type { RefuseTopic } from './authorize-topic.ts';
import type { PeerEnd } from './peer-end.ts';

/** One client's session as the server's application holds it; outlives its connections. */
export interface ServerPeer<C extends Contract, Auth> extends Peer<C['serverToClient'], C['clientToServer']> {
  /** The session's id. */
  readonly id: string;
  /** What `authenticate` returned when the session began. */
  readonly auth: Auth;
  /** Whether a connection is attached right now; what is sent meanwhile waits for the client's return. */
  readonly connected: boolean;
  /** Last measured round trip, milliseconds; `undefined` before the first. */
  readonly latency: number | undefined;
  /** How the session ended; `undefined` while it lives. */
  readonly ended: PeerEnd | undefined;
  /** Called once when the session ends, at once when it has; returns the function that stops. */
  onEnd(listener: (end: PeerEnd) => void): () => void;
  /**
   * Ends this client's subscription to a topic: its handle fails with `FORBIDDEN`. It may ask again, and `authorizeTopic`
   * decides.
   *
   * @param message - what the client is told
   */
  revokeTopic<N extends TopicName<C>>(name: N, params: TopicParamsOut<C['topics'][N]>, message?: string): void;
  /** Ends the session; the client is told and does not come back by itself. @param reason - at most 40 characters */
  close(reason?: string): void;
}

/** What a server-wide call handler is given besides the input. */
export interface ServerHandlerContext<D, C extends Contract, Auth> extends HandlerContext<D> {
  /** Who asks. */
  readonly peer: ServerPeer<C, Auth>;
  /** W3C traceparent the caller gave. */
  readonly traceparent: string | undefined;
}

/**
 * A handler for every call, stream and upload clients may start, by name; a missing, extra or wrongly typed one does not
 * compile. `Added` is what middleware puts into their context.
 */
export type ServerHandlers<C extends Contract, Auth, Added = Record<never, never>> = {
  readonly [N in HandledName<C['clientToServer']>]: Handler<
    C['clientToServer'][N],
    ServerHandlerContext<C['clientToServer'][N], C, Auth> & Added
  >;
};

/** What a server-wide message listener is told besides the data. */
export interface ServerListenMeta<C extends Contract, Auth> {
  /** Who sent it. */
  readonly peer: ServerPeer<C, Auth>;
}

/** What every accepting side offers its application, whatever it is mounted on. */
export interface ServerCore<C extends Contract, Auth> {
  /** Live sessions by id, with or without a connection at the moment. */
  readonly peers: ReadonlyMap<string, ServerPeer<C, Auth>>;
  /** Listens to one message of every peer; returns the function that stops. */
  on<N extends MessageName<C['clientToServer']>>(
    name: N,
    listener: (data: MessageOut<C['clientToServer'][N]>, meta: ServerListenMeta<C, Auth>) => void,
    options?: ListenOptions,
  ): () => void;
  /** Sends one message to every session, encoded once. @throws HawserError `INVALID_INPUT` when it cannot be encoded */
  broadcast<N extends MessageName<C['serverToClient']>>(name: N, ...args: BroadcastArgs<C['serverToClient'], N>): void;
  /**
   * Publishes one message to all who subscribe to the topic with these parameters, encoded once; returns at once.
   *
   * @param params - as the schema makes them; `undefined` for a topic without
   * @throws HawserError `INVALID_INPUT` when it cannot be encoded, `TOO_LARGE` above 65,536 bytes
   */
  publish<N extends TopicName<C>>(name: N, ...args: PublishArgs<C['topics'][N]>): void;
  /** How many clients subscribe to the topic with these parameters, or, without any, to all topics of the name. */
  subscribers<N extends TopicName<C>>(name: N, params?: TopicParamsOut<C['topics'][N]>): number;
  /** Ends a topic: subscribers are told that it is complete, and what it retains is forgotten. */
  endTopic<N extends TopicName<C>>(name: N, params: TopicParamsOut<C['topics'][N]>): void;
  /** Called for every new session; returns the function that stops. */
  onPeer(listener: (peer: ServerPeer<C, Auth>) => void): () => void;
  /** Called for every session that ended, with what was left open; returns the function that stops. */
  onPeerEnd(listener: (peer: ServerPeer<C, Auth>, end: PeerEnd) => void): () => void;
}

/** Arguments of `broadcast` after the name. */
export type BroadcastArgs<D extends Definitions, N extends keyof D> = [MessageIn<D[N]>] extends [undefined]
  ? []
  : [data: MessageIn<D[N]>];

/** Names of the topics of a contract. */
export type TopicName<C extends Contract> = keyof C['topics'] & string;

/** Arguments of `publish` after the name: parameters, then data (when the topic has some). */
export type PublishArgs<D> = [TopicIn<D>] extends [undefined]
  ? [params: TopicParamsOut<D>, data?: undefined]
  : [params: TopicParamsOut<D>, data: TopicIn<D>];

/** A subscription that is asked for; a union over the topics of the contract, to switch on `topic`. */
export type TopicRequest<C extends Contract, Auth> = {
  [N in TopicName<C>]: {
    readonly topic: N;
    /** As the schema made them. */
    readonly params: TopicParamsOut<C['topics'][N]>;
    /** What `authenticate` returned when the session began. */
    readonly auth: Auth;
    readonly peer: ServerPeer<C, Auth>;
    /** Turns the subscription away; never returns. */
    readonly refuse: RefuseTopic;
  };
}[TopicName<C>];
