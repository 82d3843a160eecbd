import { explain } from '../shared/explain.ts';
import type { ExchangeDelivery, IncomingExchange } from '../messaging/exchange.ts';
import { Kind } from '../wire/frame.ts';
import { bulkEndpoint } from './exchanges-of.ts';
import { CallContext } from './handler-context.ts';
import type { Interaction } from './interaction.ts';
import type { AnyHandler, ExchangeSide, PeerHost } from './peer-host.ts';
import { notHandled } from './refusals.ts';

/** Hands what the other end asks for to the handlers of this end. */
export class Answering implements ExchangeSide {
  readonly #host: PeerHost;
  /** Made for the first one: thousands of connections have none of their own. */
  #handlers: Map<string, AnyHandler> | undefined;

  constructor(host: PeerHost) {
    this.#host = host;
  }

  add(name: string, handler: AnyHandler): () => void {
    const handlers = (this.#handlers ??= new Map());
    if (handlers.has(name)) {
      throw new TypeError(
        explain ? `"${name}" has a handler already; stop that one first, two cannot answer one call.` : name,
      );
    }
    handlers.set(name, handler);
    return () => handlers.get(name) === handler && handlers.delete(name);
  }

  take(delivery: ExchangeDelivery): void {
    const [kind, exchange] = delivery;
    if (kind === Kind.request) this.#serve(exchange);
    else if (kind === Kind.credit) exchange.running?.resume?.();
    else exchange.running?.abort();
  }

  clear(): void {
    this.#handlers?.clear();
  }

  #serve(exchange: IncomingExchange): void {
    const host = this.#host;
    const { request } = exchange;
    const wanted = request[0] === Kind.request ? 'call' : request[4] ? 'stream' : 'upload';
    const [, , name] = request;
    const def = host.incoming.get(name);
    const handler = def?.kind === wanted && (this.#handlers?.get(name) ?? host.parent?.handler(name));
    if (handler) {
      const { serve } = def['~run'] as Interaction;
      serve?.(host, exchange, def as never, handler, host.context?.(exchange) ?? new CallContext());
    } else {
      bulkEndpoint(host).exchanges?.respond(exchange, notHandled(request));
      host.wake();
    }
  }
}
