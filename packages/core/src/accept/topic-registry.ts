import { canonicalJson } from '../shared/canonical-json.ts';
import type { Retain } from '../peer/definitions.ts';
import type { Encoded } from '../wire/codec.ts';

/** Bounds of what a server keeps about topics. Durations in milliseconds, sizes in bytes. */
export interface TopicLimits {
  /** Retained messages of one topic; the oldest go first. */
  readonly retainedBytes: number;
  /** Topics without subscribers that are remembered for what they retain; the one unused longest goes first. */
  readonly idleTopics: number;
  /** What they may retain together. */
  readonly idleBytes: number;
  /** How long a topic that retains nothing is remembered after its last subscriber. */
  readonly window: number;
}

/** One message of a topic, encoded once for each codec of the server. */
export interface Publication {
  readonly offset: number;
  /** What it is about; messages about the same may take each other's place. */
  readonly about: string | undefined;
  /** By place of the codec among those of the server. */
  readonly frames: readonly Encoded[];
  readonly bytes: readonly number[];
}

/** One topic with its parameters, as the publishing end keeps it. */
export class Topic<Subscriber> {
  readonly key: string;
  readonly name: string;
  /** The number of the wire, the same for all subscribers. */
  readonly tid: number;
  readonly epoch: string;
  /** Whether messages have something they are about. */
  readonly conflates: boolean;
  readonly subscribers: Set<Subscriber> = new Set();
  /** Published in this tick, not handed to subscribers yet. */
  batch: Publication[] = [];
  /** Place of the last message. */
  offset = 0;
  /** Bytes retained. */
  retainedBytes = 0;
  /** Since when nobody subscribes; `Infinity` while somebody does. */
  idleAt: number = Infinity;
  /** The last messages, without a hole up to `offset`. */
  #retained: Publication[] = [];
  readonly #most: number;
  readonly #mostBytes: number;

  constructor(
    { key, name, retain = 0, conflates }: TopicNeeds,
    tid: number,
    epoch: string,
    { retainedBytes }: TopicLimits,
  ) {
    this.key = key;
    this.name = name;
    this.tid = tid;
    this.epoch = epoch;
    this.conflates = conflates;
    this.#most = retain === 'last' ? 1 : retain;
    this.#mostBytes = retainedBytes;
  }

  /** Whether it keeps messages for those who come later. */
  get retains(): boolean {
    return this.#most > 0;
  }

  /** What publishes can follow on without a hole. */
  get floor(): number {
    return this.offset - this.#retained.length;
  }

  /** The next message; its offset follows on the last. */
  add(publication: Publication): void {
    this.offset = publication.offset;
    if (!this.retains) return;
    this.#retained.push(publication);
    this.retainedBytes += sizeOf(publication);
    while (this.#retained.length > this.#most || (this.#retained.length > 1 && this.retainedBytes > this.#mostBytes)) {
      this.retainedBytes -= sizeOf(this.#retained.shift() as Publication);
    }
  }

  /** The oldest retained message after this place. */
  after(offset: number): Publication | undefined {
    return this.#retained[Math.max(0, offset - this.floor)];
  }

  /**
   * Where a subscriber begins who has seen everything up to a position, or nothing.
   *
   * @returns the place after which messages follow, and whether they follow without a hole
   */
  beginAfter(from: readonly [epoch: string, offset: number] | undefined): { offset: number; recovered: boolean } {
    if (from === undefined) return { offset: this.floor, recovered: true };
    const [epoch, offset] = from;
    const recovered = epoch === this.epoch && offset >= this.floor && offset <= this.offset;
    return { offset: recovered ? offset : this.floor, recovered };
  }
}

/** What a topic is made with. */
export interface TopicNeeds {
  readonly key: string;
  readonly name: string;
  readonly retain: Retain | undefined;
  readonly conflates: boolean;
}

/** Names the topic of these parameters: equal values give equal keys. */
export function topicKey(name: string, params: unknown): string {
  // Names have no line breaks.
  return `${name}\n${params === undefined ? '' : canonicalJson(params)}`;
}

/**
 * Which topics there are, with what they retain; `protocol/README.md` section 11.
 *
 * A topic is made when somebody subscribes, or when a message is retained; it is forgotten some time after its last
 * subscriber left. One that comes back has another epoch, because nobody knows what was published meanwhile.
 */
export class TopicRegistry<Subscriber> {
  readonly #limits: TopicLimits;
  readonly #newEpoch: () => string;
  readonly #topics = new Map<string, Topic<Subscriber>>();
  /** Topics without subscribers, the one unused longest first: those that retain something, and the others. */
  readonly #idle = { retaining: new Set<Topic<Subscriber>>(), empty: new Set<Topic<Subscriber>>() };
  /** Bytes of those that retain something, and characters of the keys of the others. */
  readonly #weights = { retaining: 0, empty: 0 };
  #lastTid = 0;

  constructor(limits: TopicLimits, newEpoch: () => string) {
    this.#limits = limits;
    this.#newEpoch = newEpoch;
  }

  /** Topics that are remembered. */
  get size(): number {
    return this.#topics.size;
  }

  find(key: string): Topic<Subscriber> | undefined {
    return this.#topics.get(key);
  }

  all(): Iterable<Topic<Subscriber>> {
    return this.#topics.values();
  }

  /** The topic of this key, made if there is none. */
  open(needs: TopicNeeds, now: number): Topic<Subscriber> {
    const known = this.#topics.get(needs.key);
    if (known !== undefined) return known;
    this.#lastTid += 1;
    const topic = new Topic<Subscriber>(needs, this.#lastTid, this.#newEpoch(), this.#limits);
    this.#topics.set(topic.key, topic);
    this.#rest(topic, now);
    return topic;
  }

  publish(topic: Topic<Subscriber>, publication: Publication, now: number): void {
    const idle = topic.idleAt < Infinity && topic.retains;
    // Used again: it goes to the end of its line, and may have grown.
    if (idle) this.#wake(topic);
    topic.add(publication);
    if (idle) this.#rest(topic, now);
  }

  subscribe(topic: Topic<Subscriber>, subscriber: Subscriber): void {
    topic.subscribers.add(subscriber);
    if (topic.idleAt === Infinity) return;
    this.#wake(topic);
  }

  unsubscribe(topic: Topic<Subscriber>, subscriber: Subscriber, now: number): void {
    if (!topic.subscribers.delete(subscriber) || topic.subscribers.size > 0) return;
    if (this.#topics.get(topic.key) === topic) this.#rest(topic, now);
  }

  /** Forgets the topic and what it retains. */
  remove(topic: Topic<Subscriber>): void {
    this.#topics.delete(topic.key);
    if (topic.idleAt < Infinity) this.#wake(topic);
  }

  /** Takes an idle topic in or out of its line: what is never published to must not push out what is retained. */
  #line(topic: Topic<Subscriber>, joins: boolean): void {
    const line = topic.retainedBytes > 0 ? 'retaining' : 'empty';
    const weight = topic.key.length + topic.retainedBytes;
    this.#weights[line] += joins ? weight : -weight;
    if (joins) this.#idle[line].add(topic);
    else this.#idle[line].delete(topic);
  }

  #wake(topic: Topic<Subscriber>): void {
    topic.idleAt = Infinity;
    this.#line(topic, false);
  }

  /** Nobody subscribes now; what was unused for longest makes room. */
  #rest(topic: Topic<Subscriber>, now: number): void {
    const { window, idleTopics, idleBytes } = this.#limits;
    const { retaining, empty } = this.#idle;
    topic.idleAt = now;
    this.#line(topic, true);
    const weights = this.#weights;
    for (const oldest of empty) {
      const fits = empty.size <= idleTopics && weights.empty <= idleBytes;
      if (fits && oldest.idleAt + window > now) break;
      if (oldest !== topic) this.remove(oldest);
    }
    for (const oldest of retaining) {
      if ((retaining.size <= idleTopics && weights.retaining <= idleBytes) || oldest === topic) break;
      this.remove(oldest);
    }
  }
}

function sizeOf({ bytes }: Publication): number {
  return bytes.reduce((sum, each) => sum + each, 0);
}
