import type { Clock } from '../driver/clock.ts';
import type { HeartbeatTiming } from '../endpoint/heartbeat.ts';
import type { Contract } from '../peer/contract.ts';
import type { Problem } from '../peer/peer-surface.ts';
import type { Validation } from '../peer/peer-host.ts';
import type { SendLimits } from '../session/send-limits.ts';
import type { Codec } from '../wire/codec.ts';
import type { WireLimits } from '../wire/frame.ts';
import type { AuthorizeTopic } from './authorize-topic.ts';
import type { AnswerLimits } from './answers.ts';
import type { AnyMiddleware } from './middleware.ts';
import type { RateLimits } from './rates.ts';
import type { RegistryLimits } from './session-registry.ts';
import type { TopicLimits } from './topic-registry.ts';

/** Turns a client away during authentication; never returns. */
export type Refuse = (
  code: 'UNAUTHENTICATED' | 'FORBIDDEN' | 'RATE_LIMITED' | 'UNAVAILABLE',
  message: string,
  retryAfter?: number,
) => never;

/** What `authenticate` is given. */
export interface AuthRequest<Info> {
  /** What the client's `auth` option produced; untrusted. */
  readonly auth: unknown;
  /** What the adapter knows of the connection: headers, address. */
  readonly request: Info;
  /** Turns the client away; a thrown error of any other kind counts as a fault of the server and is retried. */
  readonly refuse: Refuse;
}

/** What the accepting side is made of, every default in place. Durations in milliseconds, sizes in bytes. */
export interface AcceptOptions<Auth, Info> {
  readonly contract: Contract;
  readonly authenticate: (request: AuthRequest<Info>) => Auth | Promise<Auth>;
  /** Who a session belongs to; must be the same on every resume. */
  readonly principal: (auth: Auth) => string;
  readonly codecs: readonly Codec[];
  readonly accepts: WireLimits;
  readonly keeps: SendLimits;
  readonly runningHandlers: number;
  readonly registry: RegistryLimits;
  readonly topics: TopicLimits;
  /** Decides who may subscribe to what; asked for every subscription, also after a resume. Without it everybody may. */
  readonly authorizeTopic?: AuthorizeTopic | undefined;
  /** What is remembered of idempotent calls. */
  readonly answers: AnswerLimits;
  /** How often one connection may send what. */
  readonly rates: RateLimits;
  /** Around every handler, outermost first. */
  readonly middleware: readonly AnyMiddleware[];
  readonly heartbeat: HeartbeatTiming;
  /** Time from connection to hello. */
  readonly helloTimeout: number;
  /** Connections that have not been welcomed yet. */
  readonly greetings: number;
  /** Over what time clients should spread their return after a cut that hits all. */
  readonly spread: number;
  readonly callTimeout: number;
  readonly validation: Validation;
  readonly clock: Clock;
  /** One-way hash of resume tokens, and of the inputs of idempotent calls. */
  readonly hash: (text: string) => string;
  readonly onProblem: (problem: Problem) => void;
}
