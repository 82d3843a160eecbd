import { Kind, type UnknownFrame } from '../wire/frame.ts';

/** How often something may come. */
export interface RateLimit {
  /** In the long run; `Infinity` does not count. */
  readonly perSecond: number;
  /** At once, after a pause. */
  readonly burst: number;
}

/** How often one connection may send what; more is closed with 4529. */
export interface RateLimits {
  /** Pings, pongs, and packets that bring neither frames nor a new acknowledgement. */
  readonly control: RateLimit;
  /** Cancelled calls, streams and uploads. */
  readonly cancels: RateLimit;
  /** Subscribes and unsubscribes. */
  readonly subscriptions: RateLimit;
  /** Calls, streams and uploads. */
  readonly requests: RateLimit;
  /** Messages. */
  readonly messages: RateLimit;
}

/** What is counted together. */
export type RateName = keyof RateLimits;

const endless: RateLimit = { perSecond: Infinity, burst: 1 };

/**
 * Bounds that a client never meets by itself: it may cancel all its calls twice over, and subscribes to everything again
 * after each connect.
 */
export const defaultRates: RateLimits = {
  control: { perSecond: 10, burst: 50 },
  cancels: { perSecond: 100, burst: 512 },
  subscriptions: { perSecond: 50, burst: 512 },
  requests: endless,
  messages: endless,
};

/** What a frame counts as. */
export function rateOf([kind]: UnknownFrame): RateName | undefined {
  switch (kind) {
    case Kind.ping:
    case Kind.pong:
      return 'control';
    case Kind.cancel:
      return 'cancels';
    case Kind.subscribe:
    case Kind.unsubscribe:
      return 'subscriptions';
    case Kind.request:
    case Kind.open:
      return 'requests';
    case Kind.message:
    case Kind.volatile:
      return 'messages';
    default:
      return undefined;
  }
}

/** Token buckets of one connection, all full at its beginning. */
export class Rates {
  readonly #limits: RateLimits;
  /** When each bucket is full again, epoch milliseconds. */
  readonly #fullAt: Partial<Record<RateName, number>> = {};

  constructor(limits: RateLimits) {
    this.#limits = limits;
  }

  /** Counts one; false when it came too soon, and is not counted. */
  allows(name: RateName, now: number): boolean {
    const { perSecond, burst } = this.#limits[name];
    if (perSecond === Infinity) return true;
    const each = 1_000 / perSecond;
    const fullAt = Math.max(this.#fullAt[name] ?? now, now) + each;
    // A little more than exact, or rounding would take one off the burst.
    if (fullAt - now > burst * each + 1e-6) return false;
    this.#fullAt[name] = fullAt;
    return true;
  }
}
