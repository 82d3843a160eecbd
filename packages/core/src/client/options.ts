import type { RetryPolicy } from '../connection/retry-policy.ts';
import type { Clock } from '../driver/clock.ts';
import type { DialInfo, Resolvable } from '../driver/dialer.ts';
import type { SocketClass } from '../driver/socket.ts';
import type { OverflowPolicy } from '../endpoint/overflow.ts';
import type { Contract } from '../peer/contract.ts';
import type { CallMiddleware, OutgoingCallOf } from '../peer/peer-surface.ts';
import type { Validation } from '../peer/peer-host.ts';
import type { SendLimits } from '../session/send-limits.ts';
import type { Codec } from '../wire/codec.ts';
import type { WireLimits } from '../wire/frame.ts';

/** What the server's `authenticate` is given, or how to get it. */
export type Credential = string | number | boolean | object | ((info: DialInfo) => unknown);

/** Options of {@link createClient}. Durations in milliseconds, sizes in bytes. */
export interface ClientOptions<C extends Contract> {
  /** What both ends agree on. */
  readonly contract: C;
  /** Where to dial, `ws:` or `wss:`; a function is asked again on every dial. */
  readonly url: Resolvable<string | URL>;
  /** Credential for the server's `authenticate`; a function is asked again on every dial. @defaultValue none */
  readonly auth?: Credential;
  /** Dial on first use instead of at creation. @defaultValue true */
  readonly lazy?: boolean;
  /** Disconnect this long after the last listener and call are gone. @defaultValue Infinity */
  readonly idleTimeout?: number;
  /** How to dial and dial again. @defaultValue see {@link RetryPolicy} */
  readonly reconnect?: Partial<RetryPolicy>;
  /** How long a call may take. @defaultValue 30_000 */
  readonly callTimeout?: number;
  /** How long a topic stays subscribed after its last subscriber left, so that one who comes back finds it live. @defaultValue 1_000 */
  readonly topicGrace?: number;
  /** Functions around every call this client makes, outermost first: logging, tracing, retries. @defaultValue none */
  readonly middleware?: readonly CallMiddleware<OutgoingCallOf<C['clientToServer']>>[];
  /** Which payloads are checked against the contract. @defaultValue `'inbound'` */
  readonly validate?: Validation;
  /** How frames are written; the server must offer the same. @defaultValue JSON */
  readonly codec?: Codec;
  /** Bounds of what is kept to send. @defaultValue 10,000 items and 1 MiB waiting, the same again unacknowledged, 32 MiB of messages over 64 KiB */
  readonly buffer?: Partial<SendLimits>;
  /** What happens to a message when the queue is full. @defaultValue `'reject'` */
  readonly overflow?: OverflowPolicy;
  /** Send what never left a lost session in the next one. @defaultValue true */
  readonly requeueUnsent?: boolean;
  /** What this end accepts. @defaultValue packets of 256 KiB, messages of 16 MiB, 256 calls in flight */
  readonly limits?: Partial<WireLimits>;
  /** Handlers that run at once for the server's calls. @defaultValue 64 */
  readonly runningHandlers?: number;
  /** Another socket class than the platform's. @defaultValue isomorphic-ws */
  readonly WebSocket?: SocketClass;
  /** Third argument of the socket class; `ws` in Node takes headers, ca, cert, key, agent. @defaultValue for `ws`: no compression, messages up to `limits.frame`, 1,024 fragments */
  readonly socketOptions?: object;
  /** Time and chance, for tests. @defaultValue the system's */
  readonly clock?: Clock;
}
