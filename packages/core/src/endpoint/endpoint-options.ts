import type { SharedLimits } from '../session/send-limits.ts';
import type { SendItem } from '../session/send-item.ts';
import type { Codec } from '../wire/codec.ts';
import type { WireLimits } from '../wire/frame.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { OverflowPolicy } from './overflow.ts';

/** What one end is made of. */
export interface EndpointOptions {
  readonly codec: Codec;
  /** First id of its own requests: 1 for the dialling end, 2 for the accepting one. */
  readonly firstId: number;
  /** What this end accepts. */
  readonly accepts: WireLimits;
  /** Handlers that run at once for the other side. */
  readonly runningHandlers: number;
  readonly keeps: SharedLimits;
  readonly overflow: OverflowPolicy;
}

/** A connection to go on with, as the handshake left it. */
export interface Attachment {
  /** Highest number the peer says it has received in this session. */
  readonly peerReceived: number;
  /** What the peer accepts. */
  readonly peerAccepts: WireLimits;
  /** Capabilities both ends have; `protocol/README.md` section 10. @defaultValue none */
  readonly caps?: readonly string[];
  /** As whom the peer knows this end. @defaultValue nobody says */
  readonly who?: string | undefined;
  /** A new one. */
  readonly heartbeat: Heartbeat;
}

/** What a session leaves behind when it ends. */
export interface Remains {
  /** Messages and calls the peer accepted. */
  readonly acked: number;
  /** Transmitted, not acknowledged. */
  readonly unknown: readonly SendItem[];
  /** Never transmitted. */
  readonly unsent: readonly SendItem[];
}
