import type { Contract, Problem } from '@hawser/core';
import type { ServerCore } from '@hawser/core/endpoint';
import type { UpgradeSource } from './adapters/upgrade-routes.ts';
import type { AttachOptions } from './adapters/ws.ts';

/** How a server closes. */
export interface ServerCloseOptions {
  /**
   * How long it waits for running handlers to answer and for clients to acknowledge what was sent to them, milliseconds;
   * it does not wait longer than needed.
   * @defaultValue 1_000
   */
  readonly drain?: number;
}

/** The accepting end of a contract, for any number of clients on any number of HTTP servers. */
export interface Server<C extends Contract, Auth> extends ServerCore<C, Auth>, AsyncDisposable {
  readonly contract: C;
  /**
   * Takes WebSocket connections of a Node HTTP or HTTPS server on one path; returns the function that stops.
   *
   * Other paths are left to other `upgrade` listeners, and answered with 404 when there is none. Listening, TLS and plain
   * HTTP stay yours.
   *
   * @throws TypeError when the path is attached already
   */
  attach(http: UpgradeSource, options?: AttachOptions): () => void;
  /**
   * Called for everything that went wrong without ending anything; returns the function that stops. While nobody
   * listens, problems are Node warnings.
   */
  onProblem(listener: (problem: Problem) => void): () => void;
  /**
   * Ends for good: takes no more connections, lets what is under way be answered and acknowledged for up to `drain`, then
   * closes every connection with 4512, after which clients come back to whoever listens then. Resolves when the last
   * socket is gone; your HTTP server stays open and answers 503 on its path. Calling it again changes nothing.
   */
  close(options?: ServerCloseOptions): Promise<void>;
}
