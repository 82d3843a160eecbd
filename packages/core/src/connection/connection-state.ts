import type { SystemError } from '../shared/errors.ts';

/**
 * The life of a client's link, as the application sees it.
 *
 * ```text
 *          connect                       welcomed
 *   idle ───────────▶ connecting ─────────────────────▶ connected
 *                      ▲  │  │                           │  ▲  │
 *                      │  │  │ failed, lost,       lost, │  │  │
 *                      │  │  │ timeout, fault     silent,│  │  │ sign-in
 *                      │  │  │                     fault │  │  │ needed
 *                      │  │  │                           │  │  │ (renewed
 *                      │  │  │                           ▼  │  │ in vain)
 *              connect │  │  └──────────────────▶ reconnecting │
 *      (after sign-in) │  │                        ▲  │        │
 *                      │  │ offline,      connect, │  │ offline,
 *                      │  │ frozen,        online  │  │ frozen,│
 *                      │  │ sign-in needed         │  │ sign-in needed
 *                      │  ▼                        │  ▼        ▼
 *                     ┌┴───────────────────────────┴────────────┐
 *                     │                suspended                │
 *                     └─────────────────────────────────────────┘
 *
 *   any but closed ── disconnect ──▶ idle
 *   any but closed ── close ──▶ closed
 *   any but idle   ── a close code that forbids coming back; `giveUpAfter` is over ──▶ closed
 *
 *   A dial, whoever asked for it, goes one way:
 *
 *   waiting ──▶ preparing ──▶ opening ──▶ greeting ──▶ connected
 *    ▲           ▲───── credential refused once ─┘
 *    └── try failed: always to `reconnecting`, waiting
 * ```
 *
 * `connecting` has no `waiting`; a dial of it that asks for a new credential is still `connecting`.
 */
export type ConnectionState =
  | IdleState
  | ConnectingState
  | ConnectedState
  | ReconnectingState
  | SuspendedState
  | ClosedState;

/** Nothing dialled, nothing wanted. */
export interface IdleState {
  readonly status: 'idle';
}

/** Steps of one dial: resolve `url` and `auth`, open the socket, wait for welcome. */
export type DialPhase = 'preparing' | 'opening' | 'greeting';

/**
 * What is known about the credential: nothing against it (`trusted`), the server refused it and a new one must be asked
 * for (`refused`), a new one was obtained and has not proved itself (`renewed`; the next refusal suspends).
 */
export type CredentialStanding = 'trusted' | 'refused' | 'renewed';

/** What is remembered from one try to the next while there is no connection. */
export interface RetryMemory {
  /** Number of the try that runs or comes next, 1 for the first one after a stable connection. */
  readonly attempt: number;
  /** Since when there is no connection though one is wanted, epoch milliseconds; `giveUpAfter` counts from here. */
  readonly downSince: number;
  /** See {@link CredentialStanding}. */
  readonly credential: CredentialStanding;
}

/** States in which a try runs. */
export type DialingState = ConnectingState | RedialingState;

/** First dial of this client, or the first one after `disconnect()` or a new sign-in. */
export interface ConnectingState extends RetryMemory {
  readonly status: 'connecting';
  readonly phase: DialPhase;
  /** When this phase is given up, epoch milliseconds. */
  readonly deadline: number;
}

/** Welcome was received: handshake and authentication are done. */
export interface ConnectedState {
  readonly status: 'connected';
  /** When welcome arrived, epoch milliseconds. */
  readonly since: number;
  /** Whether the session went on where it was (true) or is a new one (false). */
  readonly resumed: boolean;
  /** Alive but slow: the peer has not been heard for long, or a round trip takes over a second. */
  readonly degraded: boolean;
  /** Last measured round trip, milliseconds; absent before the first pong. */
  readonly latency?: number | undefined;
  /** Tries since the last stable connection, this one included; 0 once it is stable. Decides the next backoff. */
  readonly attempt: number;
  /** See {@link CredentialStanding}; `trusted` once the link is stable. */
  readonly credential: CredentialStanding;
  /** When the link counts as stable and past tries are forgotten, epoch milliseconds; `undefined` afterwards. */
  readonly stableAt: number | undefined;
}

/** The link was lost, or the first dial failed; another try follows by itself. */
export type ReconnectingState = WaitingState | RedialingState;

/** The next try waits for its time. */
export interface WaitingState extends RetryMemory {
  readonly status: 'reconnecting';
  readonly phase: 'waiting';
  /** When the try starts, epoch milliseconds. */
  readonly retryAt: number;
  /** `retryAt`, or the end of `giveUpAfter` if that comes first, epoch milliseconds. */
  readonly deadline: number;
  /** Why the last link or try failed. */
  readonly error: SystemError;
}

/** Another try is running. */
export interface RedialingState extends RetryMemory {
  readonly status: 'reconnecting';
  readonly phase: DialPhase;
  /** When the try started, epoch milliseconds. */
  readonly retryAt: number;
  /** When this phase is given up, epoch milliseconds. */
  readonly deadline: number;
  /** Why the last link or try failed. */
  readonly error: SystemError;
}

/** Why trying again makes no sense for now: no network, the page is frozen, or new credentials are needed. */
export type SuspendedReason = 'offline' | 'hidden' | 'unauthenticated';

/** Trying again makes no sense until something changes; `connect()` tries all the same. */
export type SuspendedState = PausedState | SignedOutState;

/** This machine said that trying makes no sense; the tries so far stay remembered. */
export interface PausedState extends RetryMemory {
  readonly status: 'suspended';
  readonly reason: Exclude<SuspendedReason, 'unauthenticated'>;
  /** What happened and what it waits for. */
  readonly error: SystemError;
  /** When `giveUpAfter` ends and the client closes, epoch milliseconds; Infinity when it never does. */
  readonly deadline: number;
}

/** The credential was refused twice, or there is none: `connect()` after a sign-in starts afresh. */
export interface SignedOutState {
  readonly status: 'suspended';
  readonly reason: 'unauthenticated';
  /** What happened and what it waits for. */
  readonly error: SystemError;
  /** See {@link CredentialStanding}. */
  readonly credential: CredentialStanding;
}

/** Why a client is closed for good. */
export type ClosedReason =
  /** `close()` was called here. */
  | 'client'
  /** The server ended the session (logout, kick), or another client took it over. */
  | 'server'
  /** Protocol version, codec or contract do not fit; reload or update. */
  | 'incompatible'
  /** The server refused this client. */
  | 'forbidden'
  /** One side broke the protocol: a bug to report. */
  | 'protocol'
  /** `reconnect.giveUpAfter` passed without a connection. */
  | 'gave-up';

/** The end; a closed client never connects again. */
export interface ClosedState {
  readonly status: 'closed';
  readonly reason: ClosedReason;
  /** Absent when `close()` was called here. */
  readonly error?: SystemError;
}
