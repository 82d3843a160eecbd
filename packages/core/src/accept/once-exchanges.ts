import type { ExchangeOptions, ExchangeRoute } from '../messaging/exchange-route.ts';
import { Exchanges } from '../messaging/exchanges.ts';
import type { IncomingExchange } from '../messaging/exchange.ts';
import type { EndFrame, ErrorFrame, ResultFrame } from '../wire/frame.ts';

/** Exchanges that tell how each one was answered, also those nobody waits for any more. */
export class OnceExchanges extends Exchanges {
  readonly #answered: (exchange: IncomingExchange, answer: ResultFrame | ErrorFrame | EndFrame) => void;

  constructor(
    route: ExchangeRoute,
    options: ExchangeOptions,
    answered: (exchange: IncomingExchange, answer: ResultFrame | ErrorFrame | EndFrame) => void,
  ) {
    super(route, options);
    this.#answered = answered;
  }

  override respond(exchange: IncomingExchange, answer: ResultFrame | ErrorFrame | EndFrame): void {
    super.respond(exchange, answer);
    this.#answered(exchange, answer);
  }
}
