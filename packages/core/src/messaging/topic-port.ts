import type { TopicFrame } from '../wire/frame.ts';

/** The topics of one end, as the endpoint sees them; `protocol/README.md` section 11. */
export interface TopicPort {
  /** @throws WireError 4400 when the frame may not come to this end */
  take(frame: TopicFrame): void;
  /** A connection is there: a client sends its live subscriptions again. */
  attached(): void;
  /** The connection is gone, and with it every number that belonged to it. */
  detached(): void;
}
