import type { SendItem, SendItemKind } from '../session/send-item.ts';
import type { Frame } from '../wire/frame.ts';
import type { Delivery } from './exchange.ts';

/** What exchanges need from their end of the session. */
export interface ExchangeRoute {
  /** Encodes and queues. @throws HawserError `QUEUE_FULL`, `TOO_LARGE`, `INVALID_INPUT` */
  post(kind: SendItemKind, name: string, frame: Frame): SendItem;
  /** Takes back an item that has not left; false when it has. */
  withdraw(item: SendItem): boolean;
  /** Told in order. */
  readonly outputs: { push(delivery: Delivery): unknown };
}

/** How many exchanges there may be, and which ids are this end's. */
export interface ExchangeOptions {
  readonly firstId: number;
  /** Exchanges of the other side without an answer. */
  readonly accepts: { readonly inflight: number };
  /** Handlers that run at once; a cancelled one counts until it returns. */
  readonly runningHandlers: number;
}
