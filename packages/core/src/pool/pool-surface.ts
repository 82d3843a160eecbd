import type { Client, CloseReport, SessionLost } from '../client/client-surface.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import type { Contract } from '../peer/contract.ts';
import type { Problem } from '../peer/peer-surface.ts';

/** The right to use the client of a key; `using` gives it back at the end of the scope. */
export interface Lease<C extends Contract> extends Disposable {
  readonly key: string;
  /** The same for every lease of this key, as long as one is held and for `idleTimeout` afterwards. */
  readonly client: Client<C>;
  /** Gives it back; more than once is no harm. */
  readonly release: () => void;
}

/** How many clients are in which state. */
export type PoolState = { readonly [status in ConnectionState['status']]: number };

/** Many clients of one contract, with one bound for what they keep, send and dial together. */
export interface Pool<C extends Contract> extends AsyncDisposable {
  /** Clients that exist, leased or waiting for the next lease. */
  readonly size: number;
  /** How many of them are in which state, counted now. */
  readonly state: PoolState;
  /** What they keep to send, bytes. */
  readonly keptBytes: number;
  /**
   * Leases the client of a key, and makes it if there is none; a new one dials on first use, as `createClient` does.
   *
   * @throws HawserError `UNAVAILABLE` when `maxClients` are leased, or the pool is closed; TypeError when the options of
   * this key cannot work
   */
  client(key: string): Lease<C>;
  /** Called for every problem of any client, see {@link Client.onProblem}; returns the function that stops. */
  onProblem(listener: (problem: Problem, key: string) => void): () => void;
  /** Called for every lost session of any client; returns the function that stops. */
  onSessionLost(listener: (lost: SessionLost, key: string) => void): () => void;
  /**
   * Closes all clients for good. With `drain` (milliseconds) each first waits that long for everything to be acknowledged.
   * Calling it again returns the same report.
   */
  close(options?: { readonly drain?: number }): Promise<CloseReport>;
}
