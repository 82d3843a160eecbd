import type { Encoded } from '../wire/codec.ts';
import type { SystemError } from '../shared/errors.ts';
import type { PublishFrame, TopicEndFrame, TopicFrame, WireLimits } from '../wire/frame.ts';
import type { FrameChecks } from '../wire/parse-packet.ts';

/** What a subscriber learns, in order; a topicEnd or an error is the last of it. */
export type TopicNews =
  /** The server confirmed, on this connection. */
  | 'live'
  /** The connection is gone; it will be asked for again. */
  | 'stale'
  /** Messages are missing before the next one. */
  | 'gap'
  | PublishFrame
  | TopicEndFrame
  | SystemError;

/** Receives the news of one topic. */
export type TopicSink = (news: TopicNews) => void;

/** News of a topic this end subscribes to. */
export type TopicDelivery = readonly [kind: 0, sink: TopicSink, news: TopicNews];

/** One frame of a topic on its way out; outside the numbering. */
export interface TopicItem {
  readonly encoded: Encoded;
  /** Size of the encoded frame. */
  readonly bytes: number;
  readonly seq: 0;
}

/** The topics of one end, as the endpoint sees them; `protocol/README.md` section 11. */
export interface TopicPort extends FrameChecks {
  /** @throws WireError 4400 when the frame may not come to this end */
  take(frame: TopicFrame): void;
  /** Whether there is anything to write, now or when there is room. */
  readonly waits: boolean;
  /** The next frame to write, if there is one of at most `room` bytes. */
  next(room: number): TopicItem | undefined;
  /** A connection is there: a client sends its live subscriptions again. @param accepts - the limits of the other end */
  attached(accepts: WireLimits): void;
  /** The connection is gone, and with it every number that belonged to it. */
  detached(): void;
  /** The peer is over: nothing is subscribed any more. */
  clear(): void;
}
