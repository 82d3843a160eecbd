import type { SystemError } from '../shared/errors.ts';
import type { ConnectionState } from './connection-state.ts';
import type { RetryPolicy } from './retry-policy.ts';

/** What can happen to a connection. */
export type ConnectionInput =
  /** Somebody wants the link now; while waiting or suspended this tries at once. */
  | { readonly type: 'connect' }
  /** Nobody wants the link any more. */
  | { readonly type: 'disconnect' }
  /** The end, asked for here; a fault that forbids going on is a `fault`. */
  | { readonly type: 'close'; readonly reason?: 'client' }
  /** `url` and `auth` are resolved. */
  | { readonly type: 'prepared' }
  /**
   * `url` or `auth` threw, no socket could be made, or no hello be written. `UNAUTHENTICATED` suspends, `FORBIDDEN` and
   * `CONTRACT_MISMATCH` close, anything else is tried again, not before the error's `retryAfter`.
   */
  | { readonly type: 'failed'; readonly error: SystemError }
  /** The socket is open and the sub-protocol is the one asked for. */
  | { readonly type: 'opened' }
  /** The server accepted the hello. */
  | { readonly type: 'welcomed'; readonly resumed: boolean }
  /** The socket closed, or the upgrade was refused. The driver has let go of it already. */
  | {
      readonly type: 'lost';
      /** Close code, 1006 for a refused upgrade. */
      readonly code: number;
      readonly reason: string;
      /** HTTP status of a refused upgrade, where the platform shows it. */
      readonly status?: number;
      /** Milliseconds the server asked to wait. */
      readonly retryAfter?: number | undefined;
      /** Failure below WebSocket (DNS, TLS, refused), where the platform shows it. Never a `CloseEvent`. */
      readonly cause?: unknown;
    }
  /** Liveness failed here: the peer has been silent too long. */
  | { readonly type: 'silent' }
  /** This side must close the socket with this code (4400 to 4599), and does next what the code says. */
  | { readonly type: 'fault'; readonly code: number; readonly reason: string }
  /** A deadline of the current state is due. */
  | { readonly type: 'timeout' }
  /** The machine says the network is back, or the page woke up. */
  | { readonly type: 'online' }
  /** The machine says the network is gone. Only believed while no link is up. */
  | { readonly type: 'offline' }
  /** The page is about to be frozen (`freeze`, `pagehide`): no code will run until it wakes. A link that is up stays. */
  | { readonly type: 'frozen' }
  /** The heartbeat measured a round trip, milliseconds, or suspects the link. Always news: it makes a new state. */
  | { readonly type: 'measured'; readonly latency: number | undefined; readonly degraded: boolean };

/** What the driver must do after a step, in order. */
export type ConnectionEffect =
  /** Resolve `url` and `auth` under a new generation; `refresh`: the last credential was refused. */
  | { readonly type: 'prepare'; readonly refresh: boolean }
  /** Open a socket to what was prepared. */
  | { readonly type: 'open' }
  /** Send hello. */
  | { readonly type: 'greet' }
  /**
   * Detach from the current socket or preparation first, then close it with this code. The reason may be longer than a
   * close frame can hold.
   */
  | { readonly type: 'drop'; readonly code: number; readonly reason: string };

/** Everything a step may depend on besides state and input. */
export interface ConnectionContext {
  /** Epoch milliseconds. */
  readonly now: number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly policy: RetryPolicy;
  /** Spread the last welcome asked for, milliseconds. */
  readonly spread: number;
}

/** Where a step leads: the next state (the same object when nothing changed) and what to do, in order. */
export type ConnectionStep = readonly [ConnectionState, readonly ConnectionEffect[]];
