import type { Contract } from '../peer/contract.ts';
import type { Definitions } from '../peer/definitions.ts';
import type { HandledName, MessageIn, MessageName, MessageOut } from '../peer/contract-types.ts';
import type { Handler, HandlerContext, ListenOptions, Peer } from '../peer/peer-surface.ts';
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
  /** Called for every new session; returns the function that stops. */
  onPeer(listener: (peer: ServerPeer<C, Auth>) => void): () => void;
  /** Called for every session that ended, with what was left open; returns the function that stops. */
  onPeerEnd(listener: (peer: ServerPeer<C, Auth>, end: PeerEnd) => void): () => void;
}

/** Arguments of `broadcast` after the name. */
export type BroadcastArgs<D extends Definitions, N extends keyof D> = [MessageIn<D[N]>] extends [undefined]
  ? []
  : [data: MessageIn<D[N]>];
