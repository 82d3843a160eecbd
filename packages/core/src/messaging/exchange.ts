import type { SystemError } from '../shared/errors.ts';
import type { SendItem } from '../session/send-item.ts';
import type {
  CreditFrame,
  EndFrame,
  ErrorFrame,
  ItemFrame,
  MessageFrame,
  OpenFrame,
  RequestFrame,
  ResultFrame,
  VolatileFrame,
} from '../wire/frame.ts';
import type { TopicDelivery } from './topic-port.ts';

// Vocabulary: what has an id. A call is asked with a request, a stream or upload with an open; `protocol/README.md`
// section 4.

/** How a call or upload ended: the other side's answer or refusal, both unchecked, or a failure found at this end. */
export type CallOutcome = ResultFrame | ErrorFrame | SystemError;

/** So many more bytes of an upload were acknowledged. */
export type AckedNews = readonly [kind: 'acked', bytes: number];

/** What comes of something this end asked for, in order; the last one is an outcome or the end of a stream. */
export type ExchangeNews = CallOutcome | ItemFrame | EndFrame | CreditFrame | AckedNews;

/** Receives the news of one exchange, and about how many bytes they took if they came over the wire. */
export type ExchangeSink = (news: ExchangeNews, bytes?: number) => void;

/** Something this end asks of the other. */
export interface ExchangeRequest {
  readonly name: string;
  readonly params: unknown;
  /** Milliseconds, `Infinity` for none. */
  readonly timeout: number;
  /** Idempotency key. */
  readonly key: string | undefined;
  /** W3C traceparent. */
  readonly trace?: string | undefined;
  /** Asked again in the next session when this one is lost before the answer. */
  readonly idempotent?: boolean;
  readonly sink: ExchangeSink;
  /** Absent for a call; for a stream the items that may come at once; 0 for an upload. */
  readonly opening?: number;
}

/** Something this end asked for and waits for. */
export interface OutgoingExchange extends ExchangeRequest {
  readonly id: number;
  /** Epoch milliseconds, `Infinity` for none. */
  readonly deadline: number;
  /** What asks for it; `seq` 0 means it did not leave in this session. */
  readonly item: SendItem;
  /** It left in a session that was lost, and is asked again: it may have run. */
  again?: boolean;
  /** Of a stream: items that may still come. Of an upload: bytes that may still leave. */
  credit: number;
}

/** What runs to answer an exchange; owned by whoever runs it. */
export interface Running {
  /** Nobody wants the answer any more. */
  abort(): void;
  /** More may be sent, or read: items of a stream, bytes of an upload. */
  resume?(): void;
}

/** Something the other end asked for that has no answer yet. */
export interface IncomingExchange {
  readonly id: number;
  readonly request: RequestFrame | OpenFrame;
  /** Epoch milliseconds, `Infinity` for none. */
  readonly deadline: number;
  /** Set when it may run. */
  started: boolean;
  /** Of a stream: items that may still leave. Of an upload: bytes that may still come. */
  credit: number;
  /** Of an upload: bytes that came and were not read, oldest first. */
  readonly bytes?: Uint8Array[];
  /** Of an upload: its last byte came. */
  ended?: boolean;
  /** Of an upload: when bytes came last, epoch milliseconds. */
  seenAt?: number;
  /** Set by whoever answers. */
  running?: Running;
}

/** News of an outgoing exchange, found on the wire or here. */
export type NewsDelivery = readonly [kind: 0, sink: ExchangeSink, news: ExchangeNews, bytes?: number];
/** Run the handler of this exchange. */
export type ServeDelivery = readonly [kind: 2, exchange: IncomingExchange];
/** The handler of this exchange may send more items, or read more bytes. */
export type ResumeDelivery = readonly [kind: 8, exchange: IncomingExchange];
/** The handler of this exchange should stop, if it runs. */
export type AbandonDelivery = readonly [kind: 9, exchange: IncomingExchange];

/** About something the other end asked for. */
export type ExchangeDelivery = ServeDelivery | ResumeDelivery | AbandonDelivery;

/** What an endpoint hands to its peer. */
export type Delivery = MessageFrame | VolatileFrame | NewsDelivery | TopicDelivery | ExchangeDelivery;
