import { explain } from '../shared/explain.ts';
import { systemError } from '../shared/errors.ts';
import type { Codec } from '../wire/codec.ts';
import { malformed } from '../wire/field.ts';
import { Kind, type Frame, type PublishFrame, type TopicFrame } from '../wire/frame.ts';
import { maxSubscriptions } from '../wire/limits.ts';
import { isTopicFrame } from '../wire/topic-frame.ts';
import type { TopicDelivery, TopicItem, TopicNews, TopicPort, TopicSink } from './topic-port.ts';

/** One topic this end wants; the numbers are for {@link Subscriptions} alone. */
export class TopicSubscription {
  readonly name: string;
  readonly params: unknown;
  /** Whether a jump of the offset only means that later messages took the place of earlier ones. */
  readonly conflates: boolean;
  readonly sink: TopicSink;
  /** Number on this connection; 0 before the subscribe left. */
  sid = 0;
  /** The server's number; 0 before it confirmed. */
  tid = 0;
  /** Where the history belongs that `offset` is a place in; empty before the first confirmation. */
  epoch = '';
  /** Last place that was seen. */
  offset = 0;

  constructor(name: string, params: unknown, conflates: boolean, sink: TopicSink) {
    this.name = name;
    this.params = params;
    this.conflates = conflates;
    this.sink = sink;
  }
}

/** What subscriptions need from their end of the session. */
export interface SubscriptionRoute {
  readonly options: { readonly codec: Codec };
  /** `Infinity` when something waits to leave that somebody waits for. */
  urgency: number;
  /** Told in order. */
  readonly outputs: { push(delivery: TopicDelivery): unknown };
}

/**
 * The subscribing side of topics; `protocol/README.md` section 11.
 *
 * Subscribes and unsubscribes leave when the endpoint asks for the next frame, so what is taken back before sends nothing,
 * and after a reconnect everything wanted leaves together.
 */
export class Subscriptions implements TopicPort {
  readonly #route: SubscriptionRoute;
  readonly #wanted = new Set<TopicSubscription>();
  /** Wanted, and not asked for on this connection yet. */
  readonly #unsent = new Set<TopicSubscription>();
  readonly #bySid = new Map<number, TopicSubscription>();
  /** Several, when the server finds that their parameters mean the same topic. */
  readonly #byTid = new Map<number, Set<TopicSubscription>>();
  /** Numbers to unsubscribe. */
  #unwanted: number[] = [];
  #lastSid = 0;

  constructor(route: SubscriptionRoute) {
    this.#route = route;
  }

  /** Subscribes, now or when there is a connection. More than the protocol allows fail at once, through their sink. */
  add(subscription: TopicSubscription): void {
    this.#route.urgency = Infinity;
    if (this.#wanted.size < maxSubscriptions) {
      this.#wanted.add(subscription);
      this.#unsent.add(subscription);
      return;
    }
    const text =
      explain && `"${subscription.name}" was not subscribed: a session has at most ${maxSubscriptions} topics.`;
    this.#tell(subscription, systemError('RATE_LIMITED', text));
  }

  /** Whether nothing about it has left on this connection. */
  isUnsent(subscription: TopicSubscription): boolean {
    return this.#unsent.has(subscription);
  }

  /** Unsubscribes; sends nothing when the subscribe has not left. */
  remove(subscription: TopicSubscription): void {
    const { sid } = subscription;
    this.#forget(subscription);
    if (sid) this.#unwanted.push(sid);
  }

  get waits(): boolean {
    return this.#unwanted.length + this.#unsent.size > 0;
  }

  fits(frame: unknown[]): boolean {
    return isTopicFrame(frame);
  }

  next(room: number): TopicItem | undefined {
    const [sid] = this.#unwanted;
    if (sid) {
      const item = this.#encode([Kind.unsubscribe, sid]);
      if (item.bytes > room) return undefined;
      this.#unwanted.shift();
      return item;
    }
    const [subscription] = this.#unsent;
    if (!subscription) return undefined;
    const { name, params, epoch, offset } = subscription;
    const how = epoch ? { from: [epoch, offset] } : undefined;
    // Codecs leave out what is undefined at the end.
    const item = this.#encode([Kind.subscribe, this.#lastSid + 1, name, params, how] as unknown as Frame);
    if (item.bytes > room) return undefined;
    this.#unsent.delete(subscription);
    this.#lastSid += 1;
    subscription.sid = this.#lastSid;
    this.#bySid.set(subscription.sid, subscription);
    return item;
  }

  take(frame: TopicFrame): void {
    const [kind, number] = frame;
    if (kind === Kind.publish) {
      // A publish for what was unsubscribed meanwhile is late, not wrong.
      for (const subscription of this.#byTid.get(number) ?? []) this.#published(subscription, frame);
      return;
    }
    if (kind < Kind.publish || number > this.#lastSid) {
      throw malformed(explain && 'a topic frame from the wrong side, or for a subscription that never was');
    }
    const subscription = this.#bySid.get(number);
    if (!subscription) return;
    if (kind === Kind.topicEnd) {
      this.#forget(subscription);
      this.#tell(subscription, frame);
    } else if (kind === Kind.topicState) {
      const [, , tid, epoch, offset, recovered] = frame;
      const known = subscription.epoch;
      // Believed only if it fits what was asked for.
      const whole = recovered && (!known || (epoch === known && offset === subscription.offset));
      this.#unname(subscription);
      Object.assign(subscription, { tid, epoch, offset });
      const same = this.#byTid.get(tid) ?? new Set();
      this.#byTid.set(tid, same.add(subscription));
      if (!whole) this.#tell(subscription, 'gap');
      this.#tell(subscription, 'live');
    }
  }

  attached(): void {
    // All that is wanted waits to be sent since the last connection ended.
  }

  detached(): void {
    this.#bySid.clear();
    this.#byTid.clear();
    this.#unwanted = [];
    this.#lastSid = 0;
    for (const subscription of this.#wanted) {
      if (subscription.tid) this.#tell(subscription, 'stale');
      subscription.sid = subscription.tid = 0;
      this.#unsent.add(subscription);
    }
  }

  clear(): void {
    for (const subscription of this.#wanted) {
      this.#forget(subscription);
      this.#tell(subscription, [Kind.topicEnd, 1]);
    }
  }

  #published(subscription: TopicSubscription, frame: PublishFrame): void {
    const [, , offset] = frame;
    const before = subscription.offset;
    // History that is sent again for another subscription to the same topic.
    if (offset <= before) return;
    subscription.offset = offset;
    if (offset > before + 1 && !subscription.conflates) this.#tell(subscription, 'gap');
    this.#tell(subscription, frame);
  }

  #forget(subscription: TopicSubscription): void {
    this.#wanted.delete(subscription);
    this.#unsent.delete(subscription);
    this.#bySid.delete(subscription.sid);
    this.#unname(subscription);
    subscription.sid = subscription.tid = 0;
  }

  #unname(subscription: TopicSubscription): void {
    const same = this.#byTid.get(subscription.tid);
    same?.delete(subscription);
    if (same?.size === 0) this.#byTid.delete(subscription.tid);
  }

  #tell({ sink }: TopicSubscription, news: TopicNews): void {
    this.#route.outputs.push([0, sink, news]);
  }

  #encode(frame: Frame): TopicItem {
    const { codec } = this.#route.options;
    const encoded = codec.encodeFrame(frame);
    return { encoded, bytes: codec.byteLength(encoded), seq: 0 };
  }
}
