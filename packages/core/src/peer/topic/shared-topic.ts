import { explain } from '../../shared/explain.ts';
import { HawserError, systemError, type SystemCode, type SystemError } from '../../shared/errors.ts';
import { TopicSubscription, type Subscriptions } from '../../messaging/subscriptions.ts';
import type { TopicNews } from '../../messaging/topic-port.ts';
import { Kind } from '../../wire/frame.ts';
import type { TopicDef } from '../definitions.ts';
import type { Subscription } from '../observer.ts';
import type { PeerHost } from '../peer-host.ts';
import { problem } from '../problem.ts';
import { refusals } from '../refusals.ts';
import { validate } from '../validate.ts';
import type { TopicHandle, TopicMeta, TopicObserver, TopicSnapshot, TopicValuesOptions } from './topic-surface.ts';
import { topicValues } from './topic-values.ts';

/** The topics in use at one end, by name and canonical parameters. */
export type SharedTopics = Map<string, SharedTopic>;

interface Subscriber {
  readonly observer: TopicObserver<unknown>;
  /** Nothing was told to it yet. */
  fresh: boolean;
}

/** How long a topic stays subscribed after its last subscriber left, milliseconds. */
const usualGrace = 1_000;

const idle: TopicSnapshot<unknown> = /* @__PURE__ */ Object.freeze({ status: 'idle', gap: false });

/**
 * One topic with its parameters at the subscribing end: one wire subscription for all who subscribe here.
 *
 * It is in the map while anybody uses it. A handle that somebody kept meanwhile does everything through the one in the
 * map, so there are never two subscriptions.
 */
export class SharedTopic implements TopicHandle<unknown> {
  readonly #host: PeerHost;
  readonly #topics: SharedTopics;
  readonly #key: string;
  readonly #name: string;
  readonly #def: TopicDef;
  readonly #params: unknown;
  readonly #subscribers = new Set<Subscriber>();
  readonly #listeners = new Set<readonly [() => void]>();
  #snapshot: TopicSnapshot<unknown> = idle;
  /** Messages are missing before the next one. */
  #gap = false;
  /** Place of the last message. */
  #offset = 0;
  /** On the wire, or waiting to be. */
  #wired: TopicSubscription | undefined;
  /** Keeps the connection wanted. */
  #release: (() => void) | undefined;
  /** Stops the grace period. */
  #stay: (() => void) | undefined;

  constructor(host: PeerHost, topics: SharedTopics, key: string, name: string, def: TopicDef, params: unknown) {
    this.#host = host;
    this.#topics = topics;
    this.#key = key;
    this.#name = name;
    this.#def = def;
    this.#params = params;
  }

  getSnapshot(): TopicSnapshot<unknown> {
    return this.#inUse.#snapshot;
  }

  onChange(listener: () => void): () => void {
    const topic = this.#use();
    const entry = [listener] as const;
    topic.#listeners.add(entry);
    return () => {
      topic.#listeners.delete(entry);
      topic.#drop();
    };
  }

  subscribe(observer: TopicObserver<unknown> | ((value: unknown, meta: TopicMeta) => void)): Subscription {
    return this.#use().#join({ observer: typeof observer === 'function' ? { next: observer } : observer, fresh: true });
  }

  values(options?: TopicValuesOptions): AsyncIterable<unknown> {
    return topicValues(this.#name, (observer) => this.subscribe(observer), options);
  }

  /** The one that counts for these parameters. */
  get #inUse(): SharedTopic {
    return this.#topics.get(this.#key) ?? this;
  }

  #use(): SharedTopic {
    const topic = this.#inUse;
    this.#topics.set(this.#key, topic);
    return topic;
  }

  /** Leaves the map when nobody uses it any more. */
  #drop(): void {
    const used = this.#subscribers.size + this.#listeners.size > 0 || this.#release;
    if (!used && this.#topics.get(this.#key) === this) this.#topics.delete(this.#key);
  }

  #join(subscriber: Subscriber): Subscription {
    const host = this.#host;
    const subscribers = this.#subscribers;
    const leave = (): void => {
      if (subscribers.delete(subscriber) && subscribers.size === 0) this.#left();
    };
    try {
      this.#release ??= host.lease();
    } catch (error) {
      this.#drop();
      throw error;
    }
    this.#stay?.();
    this.#stay = undefined;
    subscribers.add(subscriber);
    if (!this.#wired) {
      const wired = new TopicSubscription(this.#name, this.#params, this.#def.conflate !== undefined, (news) => {
        // Nothing comes of an older one.
        if (wired === this.#wired) this.#learned(news);
      });
      this.#wired = wired;
      this.#gap = false;
      this.#change({ status: 'pending', gap: false });
      this.#subscriptions.add(wired);
    } else if (this.#def.retain && this.#snapshot.data !== undefined) {
      // In its turn: what comes until then is newer.
      host.endpoint.outputs.push([0, () => this.#welcome(subscriber), 'live']);
    }
    host.wake();
    return {
      get closed() {
        return !subscribers.has(subscriber);
      },
      unsubscribe: leave,
      [Symbol.dispose]: leave,
    };
  }

  get #subscriptions(): Subscriptions {
    return this.#host.endpoint.topics as Subscriptions;
  }

  /** The last subscriber left. */
  #left(): void {
    // What has not left the queue must not leave it any more; what was live before the link dropped keeps its place.
    const wired = this.#wired;
    const host = this.#host;
    const leave = (): void => {
      this.#stay = undefined;
      this.#unwire();
      this.#let();
      host.wake();
    };
    if (wired && !wired.epoch && this.#subscriptions.isUnsent(wired)) leave();
    else this.#stay = host.after(host.topicGrace ?? usualGrace, leave);
  }

  #unwire(): void {
    if (!this.#wired) return;
    this.#subscriptions.remove(this.#wired);
    this.#wired = undefined;
    this.#change(idle);
  }

  /** The connection is not wanted for this any more. */
  #let(): void {
    this.#release?.();
    this.#release = undefined;
    this.#drop();
  }

  #learned(news: TopicNews): void {
    const { status, data, gap } = this.#snapshot;
    if (news === 'gap') {
      this.#gap = true;
      // A gap is told with where the subscription stands, unless it only pauses a live one.
      if (status === 'live') this.#change({ status, data, gap: true });
    } else if (news === 'live') this.#change({ status: 'live', data, gap: gap || this.#gap });
    else if (news === 'stale') {
      if (status === 'live') this.#change({ status: 'stale', data, gap });
    } else if (news instanceof HawserError) this.#end(news);
    else if (news[0] === Kind.publish) this.#published(news[2], news[3]);
    else {
      const [, , code, text] = news;
      this.#end(code ? refused(this.#name, code, text) : undefined);
    }
  }

  #published(offset: number, sent: unknown): void {
    const host = this.#host;
    const name = this.#name;
    const checked = validate(host.validation !== 'off', this.#def.data, sent);
    if (checked.problem !== undefined) {
      this.#gap = true;
      const text =
        explain && `A message of "${name}" was not delivered, it does not match the contract: ${checked.problem}`;
      return host.report(
        problem('invalid-message', name, 'INVALID_INPUT', text, { data: { problem: checked.problem } }),
      );
    }
    const data = checked.value;
    const meta = { gap: this.#gap, offset };
    this.#gap = false;
    this.#offset = offset;
    this.#change({ status: 'live', data, gap: meta.gap });
    for (const subscriber of [...this.#subscribers]) this.#tell(subscriber, data, meta);
  }

  /** The last message, for somebody who came after it. */
  #welcome(subscriber: Subscriber): void {
    const { data, gap } = this.#snapshot;
    if (subscriber.fresh) this.#tell(subscriber, data, { gap, offset: this.#offset });
  }

  #tell(subscriber: Subscriber, data: unknown, meta: TopicMeta): void {
    subscriber.fresh = false;
    if (this.#subscribers.has(subscriber)) this.#safely(() => subscriber.observer.next?.(data, meta));
  }

  /** Refused, revoked, or over. */
  #end(error: SystemError | undefined): void {
    const { data, gap } = this.#snapshot;
    const told = [...this.#subscribers];
    this.#subscribers.clear();
    this.#wired = undefined;
    this.#stay?.();
    this.#stay = undefined;
    this.#change(error ? { status: 'error', data, gap, error } : { status: 'ended', data, gap });
    for (const { observer } of told) this.#safely(() => (error ? observer.error?.(error) : observer.complete?.()));
    // Somebody may have subscribed again.
    if (this.#subscribers.size === 0) this.#let();
  }

  #change(snapshot: TopicSnapshot<unknown>): void {
    this.#snapshot = snapshot;
    for (const entry of [...this.#listeners]) if (this.#listeners.has(entry)) this.#safely(entry[0]);
  }

  #safely(run: () => void): void {
    try {
      run();
    } catch (cause) {
      const text = explain && `A subscriber of "${this.#name}" threw; the others were told.`;
      this.#host.report(problem('handler-error', this.#name, 'INTERNAL', text, { cause }));
    }
  }
}

/** The error for a code of the wire. */
function refused(name: string, code: string, text = ''): SystemError {
  const known = refusals.includes(code) ? (code as SystemCode) : 'CONTRACT_MISMATCH';
  return systemError(known, text || (explain && `The server ended the subscription to "${name}": ${code}.`));
}
