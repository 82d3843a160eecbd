import type { Clock } from '../driver/clock.ts';
import type { EndpointOptions } from '../endpoint/endpoint-options.ts';
import type { Codec } from '../wire/codec.ts';
import type { IncomingExchange } from '../messaging/exchange.ts';
import { CallContext } from '../peer/handler-context.ts';
import type { PeerSettings } from '../peer/peer-host.ts';
import type { Problem } from '../peer/peer-surface.ts';
import { Kind } from '../wire/frame.ts';
import type { AnswerOnce } from './answer-once.ts';
import type { MiddlewareChain } from './middleware.ts';
import type { PeerEnd } from './peer-end.ts';
import type { RateLimits } from './rates.ts';
import type { TopicHub } from './topic-hub.ts';

/** What hosted peers share: made once per server, not per session. */
export interface HostedShared<Peer> {
  readonly clock: Clock;
  /** By what the client speaks. */
  readonly endpoints: ReadonlyMap<Codec, EndpointOptions>;
  readonly settings: PeerSettings;
  readonly topics: TopicHub;
  readonly rates: RateLimits;
  /** Absent when the contract has no idempotent call for this end to answer. */
  readonly once: AnswerOnce | undefined;
  readonly middleware: MiddlewareChain;
  readonly onProblem: (problem: Problem) => void;
  /** A detached session holds more than before. */
  readonly onGrowth: (peer: Peer) => void;
  readonly onEnd: (peer: Peer, end: PeerEnd) => void;
  readonly onDetached: (peer: Peer) => void;
}

/** A context that also says who asked, and in which trace. */
export class PeerCallContext<Peer> extends CallContext {
  readonly peer: Peer;
  readonly traceparent: string | undefined;

  constructor(peer: Peer, { request }: IncomingExchange) {
    super();
    this.peer = peer;
    this.traceparent = (request[0] === Kind.open ? request[5] : request[4])?.tp;
  }
}
