import type { ExchangeDelivery, IncomingExchange } from '../messaging/exchange.ts';
import { Answering } from '../peer/answering.ts';
import { exchangesOf } from '../peer/exchanges-of.ts';
import type { AnyHandler, PeerHost } from '../peer/peer-host.ts';
import { Kind } from '../wire/frame.ts';
import { isAnsweredOnce, type AnswerOnce } from './answer-once.ts';
import type { MiddlewareChain } from './middleware.ts';

/** The peer whose client asks. */
export interface AnsweringPeer extends PeerHost {
  /** Who it belongs to. */
  readonly principal: string;
  /** Whether its session ended so that its client may ask again in the next one. */
  readonly mayReturn: boolean;
}

/** Answers what one client asks: handlers with middleware around them, idempotent calls once. */
export class HostedAnswering extends Answering {
  readonly #peer: AnsweringPeer;
  readonly #once: AnswerOnce | undefined;
  readonly #chain: MiddlewareChain;

  constructor(peer: AnsweringPeer, once: AnswerOnce | undefined, chain: MiddlewareChain) {
    super(peer);
    this.#peer = peer;
    this.#once = once;
    this.#chain = chain;
  }

  override add(name: string, handler: AnyHandler): () => void {
    return super.add(name, this.#chain.around(name, handler));
  }

  override take(delivery: ExchangeDelivery): void {
    const [kind, exchange] = delivery;
    const taken =
      kind === Kind.request
        ? this.#repeats(exchange)
        : kind === Kind.cancel && this.#once?.abandoned(exchange, this.#peer.mayReturn);
    if (!taken) super.take(delivery);
  }

  #repeats(exchange: IncomingExchange): boolean {
    const { request } = exchange;
    const once = this.#once;
    const peer = this.#peer;
    if (once === undefined || request[0] !== Kind.request || request[4]?.k === undefined) return false;
    if (!isAnsweredOnce(peer.incoming.get(request[2]))) return false;
    return once.handles(peer.principal, {
      exchange,
      respond: (answer) => {
        exchangesOf(peer).respond(exchange, answer);
        peer.wake();
      },
      ask: () => this.take([Kind.request, exchange]),
    });
  }
}
