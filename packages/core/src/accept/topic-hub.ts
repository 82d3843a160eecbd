import { systemError, type SystemError } from '../shared/errors.ts';
import type { Clock } from '../driver/clock.ts';
import { randomId } from '../peer/random-id.ts';
import { fullPacket, maxFrames } from '../endpoint/outbox.ts';
import type { TopicDef, Topics } from '../peer/definitions.ts';
import type { Validation } from '../peer/peer-host.ts';
import type { Problem } from '../peer/peer-surface.ts';
import { problem } from '../peer/problem.ts';
import { checkOutbound, validate, type Checked } from '../peer/validate.ts';
import type { Codec, Encoded } from '../wire/codec.ts';
import { Kind } from '../wire/frame.ts';
import { maxTopicFrame } from '../wire/limits.ts';
import type { AuthorizeTopic } from './authorize-topic.ts';
import { topicKey, TopicRegistry, type Publication, type Topic, type TopicLimits } from './topic-registry.ts';
import { unnameable } from './unnameable.ts';

/** What a hub is made of. */
export interface TopicHubOptions {
  readonly topics: Topics;
  readonly codecs: readonly Codec[];
  readonly clock: Clock;
  readonly validation: Validation;
  readonly limits: TopicLimits;
  readonly authorize: AuthorizeTopic | undefined;
  readonly onProblem: (problem: Problem) => void;
}

/** One client that subscribes, as a hub sees it. */
export interface TopicReader {
  /** Place of the client's codec among those of the server. */
  readonly codec: number;
  /** Whether packets that are shared with others may be written at once. */
  isClear(now: number): boolean;
  write(packets: readonly Encoded[]): void;
  /** Messages of a topic, to be written when the client can take them. */
  push(topic: Topic<TopicReader>, batch: readonly Publication[]): void;
  /** The topic ended. */
  end(topic: Topic<TopicReader>): void;
}

/** What a message counts at least, bytes: a packet is full when it has so many frames, too. */
const smallest = fullPacket / maxFrames;

/** The topics of an accepting side: publishes to all that subscribe, encoded once, one packet for all who can share it. */
export class TopicHub {
  readonly authorize: AuthorizeTopic | undefined;
  readonly clock: Clock;
  readonly codecs: readonly Codec[];
  readonly #options: TopicHubOptions;
  readonly #defs: ReadonlyMap<string, TopicDef>;
  readonly #registry: TopicRegistry<TopicReader>;
  /** Published to in this tick. */
  #dirty = new Set<Topic<TopicReader>>();
  #batchBytes = 0;
  #awake = false;

  constructor(options: TopicHubOptions) {
    this.#options = options;
    this.authorize = options.authorize;
    this.clock = options.clock;
    this.codecs = options.codecs;
    this.#defs = new Map(Object.entries(options.topics));
    this.#registry = new TopicRegistry(options.limits, () => randomId(8));
  }

  /** Topics that are remembered, for leak checks. */
  get size(): number {
    return this.#registry.size;
  }

  /**
   * Publishes one message.
   *
   * @throws HawserError `UNIMPLEMENTED` for a name that is no topic, `INVALID_INPUT`, `TOO_LARGE`
   */
  publish(name: string, params: unknown, data: unknown): void {
    const { codecs, validation, clock } = this.#options;
    const def = this.#def(name);
    checkOutbound(validation === 'both', name, def.data, data);
    const key = this.#key(def, name, params);
    const topic =
      this.#registry.find(key) ?? (def.retain ? this.#registry.open(needs(def, name, key), clock.now()) : undefined);
    // Nobody ever asked, and nobody will be told later.
    if (topic === undefined) return;
    const offset = topic.offset + 1;
    let publication: Publication = { offset, about: undefined, frames: [], bytes: [] };
    if (topic.retains || topic.subscribers.size > 0) {
      const frames = codecs.map((codec) => codec.encodeFrame([Kind.publish, topic.tid, offset, data]));
      const bytes = frames.map((frame, at) => (codecs[at] as Codec).byteLength(frame));
      const largest = Math.max(...bytes);
      if (largest > maxTopicFrame) {
        const text = `A message of the topic "${name}" takes ${largest} bytes; at most ${maxTopicFrame} are possible.`;
        throw systemError('TOO_LARGE', text, { data: { bytes: largest, limit: maxTopicFrame } });
      }
      publication = { offset, about: def.conflate?.(data), frames, bytes };
    }
    this.#registry.publish(topic, publication, clock.now());
    if (topic.subscribers.size === 0) return;
    topic.batch.push(publication);
    this.#dirty.add(topic);
    this.#batchBytes += Math.max(publication.bytes[0] as number, smallest);
    // A burst must not pile up until the end of the tick.
    if (this.#batchBytes > fullPacket) return this.flush();
    if (this.#awake) return;
    this.#awake = true;
    clock.defer(() => {
      this.#awake = false;
      this.flush();
    });
  }

  /** Clients that subscribe to the topic; without parameters, to any topic of the name. */
  subscribers(name: string, params?: unknown): number {
    const def = this.#def(name);
    if (def.params && params === undefined) {
      const outlets = [...this.#registry.all()].filter((topic) => topic.name === name);
      return outlets.reduce((sum, topic) => sum + topic.subscribers.size, 0);
    }
    return this.#registry.find(this.#key(def, name, params))?.subscribers.size ?? 0;
  }

  /** Ends the topic for all who subscribe, and forgets what it retains. */
  endTopic(name: string, params: unknown): void {
    const topic = this.find(name, params);
    if (topic === undefined) return;
    this.flush();
    for (const outlet of [...topic.subscribers]) outlet.end(topic);
    this.#registry.remove(topic);
  }

  /** The topic of these parameters, if it is remembered. @throws HawserError `UNIMPLEMENTED` */
  find(name: string, params: unknown): Topic<TopicReader> | undefined {
    return this.#registry.find(this.keyOf(name, params));
  }

  /** Names the topic of these parameters. @throws HawserError `UNIMPLEMENTED` */
  keyOf(name: string, params: unknown): string {
    return this.#key(this.#def(name), name, params);
  }

  /** The parameters of a client as the schema makes them; `undefined` when there is no such topic. */
  read(name: string, params: unknown): Checked | undefined {
    const def = this.#defs.get(name);
    // On the wire, what is absent in front of something else is null.
    if (def === undefined) return undefined;
    const checked = validate(this.#options.validation !== 'off', def.params, def.params && (params ?? undefined));
    const problem = checked.problem ?? unnameable(checked.value);
    return problem === undefined ? checked : { problem };
  }

  join(outlet: TopicReader, name: string, params: unknown): Topic<TopicReader> {
    const def = this.#def(name);
    // What was published before must not reach somebody who comes after.
    this.flush();
    const topic = this.#registry.open(needs(def, name, this.#key(def, name, params)), this.clock.now());
    this.#registry.subscribe(topic, outlet);
    return topic;
  }

  leave(outlet: TopicReader, topic: Topic<TopicReader>): void {
    this.#registry.unsubscribe(topic, outlet, this.clock.now());
  }

  /** A message was not written to one subscriber: it accepts only smaller ones. */
  skipped(name: string, error: SystemError): void {
    this.#options.onProblem({ kind: 'dropped', name, error });
  }

  authorizeFailed(name: string, cause: unknown): void {
    const text = `\`authorizeTopic\` threw for "${name}". The client was told that it failed; to turn it away, call \`refuse\`.`;
    this.#options.onProblem(problem('handler-error', name, 'INTERNAL', text, { cause }));
  }

  /** Hands what was published to those who subscribe. */
  flush(): void {
    const dirty = this.#dirty;
    if (dirty.size === 0) return;
    this.#dirty = new Set();
    this.#batchBytes = 0;
    const now = this.clock.now();
    for (const topic of dirty) {
      const { batch } = topic;
      topic.batch = [];
      // Whoever has nothing else to read gets the same packet as everybody else.
      const packets = this.#options.codecs.map((): readonly Encoded[] | undefined => undefined);
      for (const outlet of topic.subscribers) {
        if (dirty.size > 1 || !outlet.isClear(now)) outlet.push(topic, batch);
        else outlet.write((packets[outlet.codec] ??= this.#packets(outlet.codec, batch)));
      }
    }
  }

  #packets(at: number, batch: readonly Publication[]): Encoded[] {
    const codec = this.#options.codecs[at] as Codec;
    const packets: Encoded[] = [];
    let frames: Encoded[] = [];
    let size = 0;
    for (const publication of batch) {
      const bytes = publication.bytes[at] as number;
      if (frames.length === maxFrames || (frames.length > 0 && size + bytes > fullPacket)) {
        packets.push(codec.encodePacket(0, 0, frames));
        frames = [];
        size = 0;
      }
      frames.push(publication.frames[at] as Encoded);
      size += bytes + 1;
    }
    packets.push(codec.encodePacket(0, 0, frames));
    return packets;
  }

  #key(def: TopicDef, name: string, params: unknown): string {
    return topicKey(name, def.params && params);
  }

  #def(name: string): TopicDef {
    const def = this.#defs.get(name);
    if (def === undefined) throw systemError('UNIMPLEMENTED', `The contract has no topic "${name}".`);
    return def;
  }
}

function needs(
  def: TopicDef,
  name: string,
  key: string,
): { key: string; name: string; retain: TopicDef['retain']; conflates: boolean } {
  return { key, name, retain: def.retain, conflates: def.conflate !== undefined };
}
