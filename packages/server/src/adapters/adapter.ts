import type { SocketLike } from '@hawser/core';
import type { RequestInfo } from '../request-info.ts';

/** Why an upgrade request is answered with plain HTTP. */
export interface UpgradeRefusal {
  /** HTTP status. */
  readonly status: number;
  /** One sentence for whoever looks at the answer; browsers hide it from the page. */
  readonly text: string;
  /** Seconds the client should stay away. */
  readonly retryAfter?: number;
}

/** What an adapter needs of the server it feeds. */
export interface AdapterHost {
  /** Sub-protocols spoken, one per codec. */
  readonly subprotocols: readonly string[];
  /** Largest WebSocket message to take, bytes. */
  readonly maxMessageBytes: number;
  /** Looks at a request before its socket is opened. */
  refuses(request: RequestInfo): UpgradeRefusal | undefined;
  /** Takes over an open socket. */
  accept(socket: SocketLike, request: RequestInfo): void;
  /** Something failed that no client did. */
  failed(what: string, cause: unknown): void;
}

/** Opens sockets on some platform and hands them to its {@link AdapterHost}. */
export interface Adapter<Source, Options> {
  /** Starts listening on a source; returns the function that stops. */
  attach(source: Source, options: Options): () => void;
  /** Resolves when every socket it opened is gone; those that do not close by themselves are dropped. */
  close(): Promise<void>;
}
