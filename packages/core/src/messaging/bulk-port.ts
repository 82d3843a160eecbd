import type { SendItem } from '../session/send-item.ts';
import type { SendLimits } from '../session/send-limits.ts';
import type { Session } from '../session/session.ts';
import type { Codec } from '../wire/codec.ts';
import type { Frame, WireLimits } from '../wire/frame.ts';
import type { Delivery } from './exchange.ts';
import type { Exchanges } from './exchanges.ts';

/** The chunks of one end, as the endpoint sees them; `protocol/README.md` section 4.4. */
export interface BulkPort {
  /** Largest sequenced frame that can be sent now, bytes. */
  readonly largest: number;
  /** What is kept of large frames and uploads, in both directions, bytes. */
  readonly heldBytes: number;
  /** Frames that have not left completely. */
  readonly queueCount: number;
  /** What is kept to send, bytes. */
  readonly queueBytes: number;
  /** Whether more waits than can be kept, because it is owed to the other side. */
  readonly overfull: boolean;
  /** Whether something waits to leave. */
  readonly waits: boolean;
  /** When {@link BulkPort.expire} must be called at the latest. */
  readonly deadline: number;
  /** Whether a frame must go this way: it is large, or it belongs behind one that is. */
  takes(item: SendItem): boolean;
  /** Whether one more of this size may be kept. */
  hasRoom(bytes: number): boolean;
  push(item: SendItem): void;
  /** Takes back the oldest message that has not begun to leave. */
  dropOldest(): SendItem | undefined;
  /** Takes back a frame that has not left completely; false when it has. */
  withdraw(item: SendItem): boolean;
  /** Frames that have not left completely, oldest first. */
  unsent(): SendItem[];
  /** Takes out the frames that have not begun to leave. */
  takeUnsent(): SendItem[];
  /**
   * A connection begins.
   *
   * @param inline - largest frame that fits a packet of the peer
   * @throws WireError 4400 when the peer no longer takes chunks in the middle of a session
   */
  attach(takesChunks: boolean, accepts: WireLimits, inline: number, now: number): void;
  /** The connection is gone. */
  detach(): void;
  /** A new session begins; only uploads whose open is among these items go on. */
  renew(kept: readonly SendItem[]): void;
  /** The peer acknowledged something. */
  acked(now: number): void;
  /** The next chunk in turn, numbered; `undefined` when there is none or the window is full. */
  next(now: number): SendItem | undefined;
  /** Puts a chunk into its WebSocket message. */
  encode(chunk: SendItem, ack: number, now: number): Uint8Array;
  /**
   * Takes a chunk; returns the frame that is complete with it, and about what it took on the wire.
   *
   * @throws WireError
   */
  receive(data: Uint8Array, now: number): readonly [frame: Frame, bytes: number] | undefined;
  /** An upload of the other side opened. @throws WireError 4413 when there are too many */
  opened(now: number): void;
  /** Gives up what brings nothing any more. @throws WireError 4400 when that is a frame */
  expire(now: number): void;
}

/** What chunks need from their end of the session. */
export interface BulkRoute {
  readonly options: { readonly codec: Codec; readonly accepts: WireLimits; readonly keeps: SendLimits };
  readonly session: Session;
  readonly exchanges: Exchanges | undefined;
  readonly outputs: { push(delivery: Delivery): unknown };
}
