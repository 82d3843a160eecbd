import type { Remains } from '../endpoint/endpoint-options.ts';

/** Why a session ended, seen from the accepting side. */
export type PeerEndReason =
  /** The client ended it. */
  | 'client'
  /** `peer.close()` or the server's own rules ended it. */
  | 'server'
  /** The client did not come back within the window. */
  | 'expired'
  /** More was waiting for the client than may be kept. */
  | 'overflow'
  /** One message closed the link twice. */
  | 'poison'
  /** One side broke the protocol. */
  | 'protocol'
  /** The server is shutting down. */
  | 'shutdown';

/** What was left when a session ended, seen from the accepting side. */
export interface PeerEnd {
  readonly why: PeerEndReason;
  readonly outbound: {
    /** Messages and calls the client accepted: the first so many, in order. */
    readonly acked: number;
    /** How many were never written to a socket. */
    readonly unsent: number;
    /** How many were written and not acknowledged. */
    readonly unknown: number;
  };
}

/** Counts what a session left behind. */
export function describeEnd(why: PeerEndReason, remains: Remains): PeerEnd {
  return {
    why,
    outbound: { acked: remains.acked, unsent: remains.unsent.length, unknown: remains.unknown.length },
  };
}

/** After these codes the other side does not come back to the session. */
export const endsSession: ReadonlySet<number> = new Set([1002, 1003, 1007, 1010, 4400, 4403, 4406, 4410, 4413]);
