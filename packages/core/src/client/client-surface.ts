import type { ConnectionState } from '../connection/connection-state.ts';
import type { Contract } from '../peer/contract.ts';
import type { TopicOut } from '../peer/contract-types.ts';
import type { Peer, Problem } from '../peer/peer-surface.ts';
import type { TopicArgs, TopicHandle } from '../peer/topic/topic-surface.ts';
import type { ResumeRefusal } from '../wire/frame.ts';

/** A message or call of a lost session, as it was given to `send` or `call` (after encoding). */
export interface LostItem {
  readonly kind: 'message' | 'call';
  readonly name: string;
  readonly data: unknown;
}

/** Told once when a session ends with its promises unkept; `protocol/README.md` section 3, rule 10. */
export interface SessionLost {
  readonly sessionId: string;
  /**
   * The server's reason not to resume, or: `poison` (one message closed the link twice), `closed` (the server ended the
   * session), `disconnected` (this side ended it with messages outstanding).
   */
  readonly why: ResumeRefusal | 'poison' | 'closed' | 'disconnected';
  /** Whether messages of the other side were lost: certainly, or it cannot be known. */
  readonly lostInbound: true | 'unknown';
  /**
   * Every message and call this side sent in the session, sorted.
   *
   * Unanswered calls that the contract marks `idempotent` stand where they belong like all others, and are asked again in
   * the next session by themselves, `requeueUnsent` or not; there they are among what was sent once more. They end with
   * the session only after `principal`, `poison`, `closed` and `disconnected`.
   */
  readonly outbound: {
    /** How many the other side accepted: the first so many, in order. */
    readonly acked: number;
    /** Never written to a socket. */
    readonly unsent: readonly LostItem[];
    /** Written, not acknowledged: may or may not have arrived. */
    readonly unknown: readonly LostItem[];
  };
  /** Whether all unsent ones go out in the next session by themselves (`requeueUnsent`). */
  readonly requeued: boolean;
}

/** What was left when a client closed. */
export interface CloseReport {
  /** Messages and calls written but not acknowledged. */
  readonly unacknowledged: number;
  /** Messages and calls never written. */
  readonly unsent: number;
}

/** What an application does with a connection it does not own; components get this one. */
export type ClientActions<C extends Contract> = Peer<C['clientToServer'], C['serverToClient']>;

/** One typed socket, seen from the dialling end. */
export interface Client<C extends Contract> extends ClientActions<C>, AsyncDisposable {
  readonly contract: C;
  /**
   * A topic to subscribe to; nothing is asked of the server before somebody does.
   *
   * @throws HawserError `INVALID_INPUT` for parameters that cannot be encoded
   */
  topic<N extends keyof C['topics'] & string>(
    name: N,
    ...args: TopicArgs<C['topics'][N]>
  ): TopicHandle<TopicOut<C['topics'][N]>>;
  /** The current state; a new immutable object on every change. */
  readonly state: ConnectionState;
  /** Id of the current session; `undefined` before the first welcome. */
  readonly sessionId: string | undefined;
  /** Called on every change of state; returns the function that stops. */
  onState(listener: (now: ConnectionState, before: ConnectionState) => void): () => void;
  /** Called for everything that went wrong without ending anything; returns the function that stops. */
  onProblem(listener: (problem: Problem) => void): () => void;
  /** Called once per lost session; returns the function that stops. */
  onSessionLost(listener: (lost: SessionLost) => void): () => void;
  /**
   * Dials now, if it is not connected already, and resolves when connected.
   *
   * @throws HawserError `UNAVAILABLE`, `UNAUTHENTICATED`, `FORBIDDEN` or `CONTRACT_MISMATCH` when the client closes or is
   * suspended first; a failed try alone does not reject, the next one follows
   */
  connect(): Promise<void>;
  /** Ends the session and the connection; the client stays usable and dials again on the next use. */
  disconnect(): Promise<void>;
  /**
   * Closes for good. With `drain` (milliseconds) it first waits that long for everything to be acknowledged.
   * Calling it again returns the same report.
   */
  close(options?: { readonly drain?: number }): Promise<CloseReport>;
  /** Keeps the connection wanted until the returned function is called; see `lazy` and `idleTimeout`. */
  lease(): () => void;
}
