import type { Clock, Codec, Contract, SendLimits, Validation, WireLimits } from '@hawser/core';
import type {
  AnswerLimits,
  AuthRequest,
  HeartbeatTiming,
  RateLimit,
  RateName,
  TopicLimits,
  TopicRequest,
} from '@hawser/core/endpoint';
import type { AllowedOrigins } from './origin-policy.ts';
import type { RequestInfo } from './request-info.ts';

/** What `authenticate` may find: anything that says who the client is. Nothing, `null` or `false` would say no one. */
export type Identity = string | number | (object & { readonly then?: undefined });

/**
 * Decides who a client is, on every connection and before anything else of it is looked at.
 *
 * Returns the identity that handlers find in `peer.auth`, or ends with `refuse`. When it throws something else, the
 * client is told to come back later.
 */
export type Authenticate<Auth extends Identity> = (request: AuthRequest<RequestInfo>) => Auth | Promise<Auth>;

/** The `auth` of peers: what `authenticate` returned, `undefined` under `'none'`. */
export type AuthOf<Auth> = [Auth] extends [never] ? undefined : Auth;

/** Bounds of the sessions a server remembers. */
export interface SessionLimits {
  /** How long a client may be away and still resume, milliseconds. @defaultValue 120_000 */
  readonly window: number;
  /**
   * Sessions at once, with and without a connection. For one more the one away longest ends; when none is away, the client
   * is told to come back later.
   * @defaultValue 100_000
   */
  readonly count: number;
  /** What all sessions without a connection may hold together, bytes; the one away longest goes first. @defaultValue 67_108_864 */
  readonly detachedBytes: number;
}

/**
 * How often one connection may send what; more is closed with 4529, after which its client waits and resumes. `perSecond`
 * counts in the long run and may be `Infinity`, `burst` at once.
 */
export interface RateOptions extends Readonly<Partial<Record<RateName, Partial<RateLimit>>>> {
  /**
   * Pings, pongs, and packets that bring neither frames nor a new acknowledgement; a heartbeat faster than 400 ms raises it.
   * @defaultValue 10 a second, 50 at once
   */
  readonly control?: Partial<RateLimit>;
  /** Cancelled calls, streams and uploads; two sets of `limits.inflight` at once are always allowed. @defaultValue 100 a second, 512 at once */
  readonly cancels?: Partial<RateLimit>;
  /** Subscribes and unsubscribes; a client subscribes to everything again when it returns. @defaultValue 50 a second, 512 at once */
  readonly subscriptions?: Partial<RateLimit>;
  /** Calls, streams and uploads; those in flight are bounded by `limits.inflight` besides. @defaultValue Infinity */
  readonly requests?: Partial<RateLimit>;
  /** Messages; a client that was away sends all that waited at once. @defaultValue Infinity */
  readonly messages?: Partial<RateLimit>;
}

/**
 * Bounds of what is remembered of idempotent calls, so that a repeated one gets the first answer and its handler does not
 * run again.
 */
export interface AnswerOptions extends AnswerLimits {
  /** Answers, and calls that run, of all users; the oldest answer goes first. @defaultValue 20_000 */
  readonly count: number;
  /** The same of one user; without authentication all clients are one. @defaultValue 1_000 */
  readonly each: number;
  /** What all answers may take, bytes; a larger one is not kept. @defaultValue 16_777_216 */
  readonly bytes: number;
  /**
   * How long an answer is kept, milliseconds; longer than `sessions.window`, after which clients ask again.
   * @defaultValue 300_000, or twice `sessions.window` if that is more
   */
  readonly age: number;
}

/** Options of {@link createServer}. Durations in milliseconds, sizes in bytes. */
export interface ServerOptions<C extends Contract, Auth extends Identity> {
  /** What both ends agree on. */
  readonly contract: C;
  /** Who a client is; `'none'` lets everybody in. There is no default, so nothing is open by accident. */
  readonly authenticate: 'none' | Authenticate<Auth>;
  /**
   * Name of the user a session belongs to; a resume under another name is refused.
   *
   * Give it when `authenticate` returns anything that changes between connections: with the `exp` or `iat` of a token in
   * it, every refreshed token would look like somebody else, and the session would be lost.
   * @defaultValue JSON of what `authenticate` returned, keys sorted
   */
  readonly principal?: (auth: AuthOf<Auth>) => string;
  /**
   * Which pages may connect; clients that are no browsers send no origin and pass. Behind a proxy that changes the `Host`
   * header, and wherever cookies authenticate, give the list.
   * @defaultValue `'same-host'`
   */
  readonly allowedOrigins?: AllowedOrigins;
  /** How frames are written, each under a sub-protocol of its own; clients choose. @defaultValue JSON alone */
  readonly codecs?: readonly Codec[];
  /**
   * What the server takes from one client: `frame` bytes of a packet, `msg` bytes of a message (over 64 KiB it comes in
   * pieces), `inflight` calls, streams and uploads without an answer. Uploads may be of any length.
   * @defaultValue packets of 262_144 bytes, messages of 16 MiB, 256 calls
   */
  readonly limits?: Partial<WireLimits>;
  /** Handlers that run at once for one client; further calls wait. @defaultValue 64 */
  readonly runningHandlers?: number;
  /** Bounds of what is kept to send to one client. @defaultValue 10,000 items and 1 MiB waiting, the same again unacknowledged, 32 MiB of messages over 64 KiB */
  readonly buffer?: Partial<SendLimits>;
  /** Bounds of the sessions that are remembered. @defaultValue see {@link SessionLimits} */
  readonly sessions?: Partial<SessionLimits>;
  /**
   * Decides who may subscribe to what: returns, or ends with `refuse`. Asked for every subscription, those after a resume
   * included; nothing of the topic is sent before it has answered. When it throws something else, the client is told
   * `INTERNAL`.
   * @defaultValue everybody who was authenticated may subscribe to everything
   */
  readonly authorizeTopic?: (request: TopicRequest<C, AuthOf<Auth>>) => void | Promise<void>;
  /**
   * Bounds of what is kept of topics: `retainedBytes` of one; `idleTopics` and `idleBytes` of those that retain something
   * and that nobody subscribes to, the one unused longest goes first; and for how long one that retains nothing is
   * remembered after its last subscriber (`window`).
   * @defaultValue 1_048_576, 100_000, 67_108_864 and 120_000
   */
  readonly topics?: Partial<TopicLimits>;
  /** Bounds of what is remembered of idempotent calls. @defaultValue see {@link AnswerOptions} */
  readonly answers?: Partial<AnswerOptions>;
  /** How often one connection may send what. @defaultValue see {@link RateOptions} */
  readonly rates?: RateOptions;
  /** How links are probed: a ping `every` so often, and silence for `grace` longer cuts. @defaultValue 25_000 and 20_000 */
  readonly heartbeat?: Partial<HeartbeatTiming>;
  /** Time from an open socket to the client's hello. @defaultValue 10_000 */
  readonly helloTimeout?: number;
  /** Connections at once that are not authenticated yet; more are answered with HTTP 503. @defaultValue 1_000 */
  readonly greetings?: number;
  /**
   * Time over which clients spread their return after a cut that hits all of them; about 1.3 s for every 1,000 clients
   * at 1,000 handshakes a second.
   * @defaultValue 0
   */
  readonly spread?: number;
  /** How long a call to a client may take. @defaultValue 30_000 */
  readonly callTimeout?: number;
  /** Which payloads are checked against the contract. @defaultValue `'inbound'` */
  readonly validate?: Validation;
  /** Time and chance, for tests. @defaultValue the system's, with one native timer for all connections */
  readonly clock?: Clock;
}
