/**
 * The vocabulary of the wire, `protocol/README.md` section 1.
 *
 * One WebSocket message is one packet; a packet carries frames. A frame is a tuple whose first element is its kind.
 * Kinds 0-31 and 64-95 are sequenced (numbered, acknowledged, replayed), the others are not.
 */
import * as Kind from './kind.ts';

export { Kind };

/** Optional last element of a frame: extensions by short key. Unknown keys are ignored. */
export interface FrameMeta {
  /** Remaining time of a request, milliseconds. */
  readonly dl?: number;
  /** Idempotency key of a request. */
  readonly k?: string;
  /** W3C traceparent of a request. */
  readonly tp?: string;
}

/** Reliable, ordered one-way data. */
export type MessageFrame = readonly [kind: 1, name: string, data?: unknown, meta?: FrameMeta];
/** Asks for exactly one result or error. */
export type RequestFrame = readonly [kind: 2, id: number, name: string, params?: unknown, meta?: FrameMeta];
/** The answer to a request. */
export type ResultFrame = readonly [kind: 3, id: number, value?: unknown];
/** The refusal of a request, or the end of a stream that failed. */
export type ErrorFrame = readonly [
  kind: 4,
  id: number,
  code: string,
  message: string,
  data?: unknown,
  retryAfter?: number | null,
];
/** Asks for a stream whose first `credit` items may come, or announces an upload: then `credit` is 0. */
export type OpenFrame = readonly [kind: 5, id: number, name: string, params: unknown, credit: number, meta?: FrameMeta];
/** One item of a stream. */
export type ItemFrame = readonly [kind: 6, id: number, value?: unknown];
/** A stream is complete. */
export type EndFrame = readonly [kind: 7, id: number];
/** `n` more items of a stream, or bytes of an upload, may come. */
export type CreditFrame = readonly [kind: 8, id: number, n: number];
/** The asker no longer wants the answer. */
export type CancelFrame = readonly [kind: 9, id: number, reason?: string];
/** First frame a client sends. */
export type HelloFrame = readonly [kind: 32, hello: Hello];
/** First frame a server sends. */
export type WelcomeFrame = readonly [kind: 33, welcome: Welcome];
/** The server turns the client away, and says why, before it closes. */
export type RejectFrame = readonly [
  kind: 34,
  code: number,
  message: string,
  hint?: { readonly retryAfter?: number; readonly url?: string },
];
/** Asks for a pong; `n` comes back in it. */
export type PingFrame = readonly [kind: 35, n?: number];
/** Answers a ping. */
export type PongFrame = readonly [kind: 36, n?: number];
/** The server will close soon: move within `within` ms, not before `after` ms. */
export type GoawayFrame = readonly [kind: 37, notice: Goaway];
/** Data that may be dropped and is never replayed. */
export type VolatileFrame = readonly [kind: 41, name: string, data?: unknown];

/** A position in the history of a topic; offsets of different epochs have nothing to do with each other. */
export type TopicPosition = readonly [epoch: string, offset: number];
/** Asks for a topic; `sid` is the client's number for the subscription, `from` the last position it saw. */
export type SubscribeFrame = readonly [
  kind: 42,
  sid: number,
  topic: string,
  params?: unknown,
  how?: { readonly from?: TopicPosition },
];
/** Wants no more of a subscription. */
export type UnsubscribeFrame = readonly [kind: 43, sid: number];
/** One message of a topic; `tid` is the server's number for the topic, the same for every subscriber. */
export type PublishFrame = readonly [kind: 44, tid: number, offset: number, data?: unknown];
/** The answer to a subscribe: the position it begins after, and whether everything since `from` follows. */
export type TopicStateFrame = readonly [
  kind: 45,
  sid: number,
  tid: number,
  epoch: string,
  offset: number,
  recovered: boolean,
];
/** A subscription is over: with a code it was refused or revoked, without one the topic ended. */
export type TopicEndFrame = readonly [kind: 46, sid: number, code?: string | null, message?: string];

/** Frames about something that has an id: a call, a stream or an upload. */
export type ExchangeFrame =
  | RequestFrame
  | ResultFrame
  | ErrorFrame
  | OpenFrame
  | ItemFrame
  | EndFrame
  | CreditFrame
  | CancelFrame;
/** Frames about topics. */
export type TopicFrame = SubscribeFrame | UnsubscribeFrame | PublishFrame | TopicStateFrame | TopicEndFrame;
/** Frames that use a sequence number. */
export type SequencedFrame = MessageFrame | ExchangeFrame;
/** Frames that travel outside the numbering. */
export type ControlFrame =
  | HelloFrame
  | WelcomeFrame
  | RejectFrame
  | PingFrame
  | PongFrame
  | GoawayFrame
  | VolatileFrame
  | TopicFrame;
/** A kind of the ignorable ranges 64-95 and 96-127 that this version does not know. */
export type UnknownFrame = readonly [kind: number, ...rest: unknown[]];
/** Any frame this version understands. */
export type Frame = SequencedFrame | ControlFrame;

/** One decoded and checked WebSocket message. */
export interface Packet {
  /** Number of the first sequenced frame; 0 when there is none. */
  readonly seq: number;
  /** Highest contiguous number the sender has accepted; 0 says nothing new. */
  readonly ack: number;
  /** In wire order. Ignorable frames of unknown kind stay in (they may use a number). */
  readonly frames: readonly (Frame | UnknownFrame)[];
}

/** What one side will accept; the other refuses locally anything larger. Sizes in bytes. */
export interface WireLimits {
  /** Largest WebSocket message. */
  readonly frame: number;
  /** Largest application message. */
  readonly msg: number;
  /** Requests without an answer, per direction. */
  readonly inflight: number;
}

/** Position from which a client wants to go on, `protocol/README.md` section 3. */
export interface ResumeRequest {
  readonly sid: string;
  readonly tok: string;
  /** Attempt number, larger on every attach. */
  readonly n: number;
  /** Highest contiguous number received. */
  readonly recv: number;
  /** Oldest number the client can still replay. */
  readonly first: number;
}

/** Body of a hello. */
export interface Hello {
  readonly v: number;
  /** Whatever the `auth` option produced. */
  readonly auth?: unknown;
  readonly caps: readonly string[];
  readonly lim: WireLimits;
  /** Contract id, to detect two ends built from different contracts. */
  readonly contract?: string;
  readonly resume?: ResumeRequest;
}

/** Why a session could not go on. */
export type ResumeRefusal = 'unknown' | 'expired' | 'overflow' | 'principal' | 'policy';

/** Body of a welcome. */
export interface Welcome {
  readonly v: number;
  readonly sid: string;
  readonly tok: string;
  readonly resumed: boolean;
  /** Highest contiguous number the server received in this session. */
  readonly recv: number;
  readonly why?: ResumeRefusal;
  /** The same for the same principal, and for nobody else; tells it not. */
  readonly who?: string;
  readonly lim: WireLimits;
  /** Heartbeat rhythm, milliseconds. */
  readonly hb: { readonly every: number; readonly grace: number };
  /** How long a detached session is kept, milliseconds. */
  readonly window: number;
  /** First reconnect after a server-wide cut is spread over this time, milliseconds. */
  readonly spread: number;
  readonly caps: readonly string[];
}

/** Body of a goaway. */
export interface Goaway {
  readonly code: number;
  /** Milliseconds. */
  readonly within: number;
  /** Milliseconds. */
  readonly after: number;
  readonly url?: string;
  readonly resume: boolean;
}
