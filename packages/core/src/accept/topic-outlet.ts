import { systemError } from '../shared/errors.ts';
import type { TopicDelivery, TopicItem, TopicPort } from '../messaging/topic-port.ts';
import { Heat } from '../driver/heat.ts';
import type { EndpointEffect } from '../endpoint/endpoint-io.ts';
import { fullPacket, maxFrames } from '../endpoint/outbox.ts';
import type { Codec, Encoded } from '../wire/codec.ts';
import { malformed } from '../wire/field.ts';
import {
  Kind,
  type Frame,
  type SubscribeFrame,
  type TopicEndFrame,
  type TopicFrame,
  type TopicPosition,
  type WireLimits,
} from '../wire/frame.ts';
import { maxSubscriptions, maxTopicFrame, maxTopicParams } from '../wire/limits.ts';
import { isTopicFrame } from '../wire/topic-frame.ts';
import { askForTopic, type TopicPeer } from './authorize-topic.ts';
import type { TopicHub, TopicReader } from './topic-hub.ts';
import { TopicLane, type LaneTopic } from './topic-lane.ts';
import { topicKey, type Publication, type Topic } from './topic-registry.ts';

/** What writes for an outlet. */
export interface OutletPump {
  readonly endpoint: {
    readonly attached: boolean;
    readonly options: { readonly codec: Codec };
    readonly outputs: { push(output: TopicDelivery | Extract<EndpointEffect, { type: 'fault' }>): unknown };
    readonly session: { readonly ackAt: number };
    urgency: number;
  };
  readonly link: { send(packet: Encoded): void } | undefined;
  /** Whether everything queued leaves soon. */
  readonly awake: boolean;
  /** Whether so much waits in the socket that messages must wait here. */
  readonly congested: boolean;
  wake(): void;
  flush(): void;
}

/** One subscription of the client. */
interface Entry {
  readonly sid: number;
  readonly name: string;
  /** Absent until it was allowed. */
  view?: View;
  /** While the application decides: takes it away, if it is about this topic. */
  revoke?: ((key: string, message: string) => void) | undefined;
}

/** One topic this client subscribes to, under one number or several. */
interface View extends LaneTopic {
  readonly topic: Topic<TopicReader>;
  readonly sids: Set<number>;
}

/** What a connection with subscriptions needs. */
interface Tables {
  readonly lane: TopicLane;
  /** Of what is written without the pump. */
  readonly heat: Heat;
  /** Subscriptions, also those that are being decided. */
  readonly entries: Map<number, Entry>;
  readonly views: Map<Topic<TopicReader>, View>;
}

/** How soon it is looked again whether the socket has room, milliseconds. */
const patience = 50;
/** What a packet needs beside its frames, bytes. */
const packetOverhead = 48;

/** The topics of one client at the publishing end: its numbers, what it may read, and what waits for it; section 11. */
export class TopicOutlet implements TopicPort, TopicReader {
  /** Place of the client's codec among those of the server. */
  readonly codec: number;
  readonly #hub: TopicHub;
  readonly #peer: TopicPeer;
  readonly #pump: OutletPump;
  /** Made when something is subscribed: most connections are idle most of the time. */
  #tables: Tables | undefined;
  /** Decisions under way, also those nobody waits for any more. */
  #asking = 0;
  #lastSid = 0;
  /** Largest frame the client accepts, bytes. */
  #largest = 0;

  constructor(hub: TopicHub, peer: TopicPeer, pump: OutletPump) {
    const codec = hub.codecs.indexOf(pump.endpoint.options.codec);
    this.#hub = hub;
    this.codec = codec;
    this.#peer = peer;
    this.#pump = pump;
  }

  /** What waits for a reader that is slow. */
  get held(): { readonly count: number; readonly bytes: number } {
    return this.#tables?.lane.held ?? { count: 0, bytes: 0 };
  }

  /** Subscriptions, also those that are being decided. */
  get size(): number {
    return this.#tables?.entries.size ?? 0;
  }

  /** When it must be looked again whether the socket has room, epoch milliseconds; `Infinity` for never. */
  get deadline(): number {
    return this.waits ? this.#hub.clock.now() + patience : Infinity;
  }

  get waits(): boolean {
    return this.#tables !== undefined && !this.#tables.lane.isEmpty;
  }

  /** Whether packets that are shared with others may be written at once. */
  isClear(now: number): boolean {
    const { awake, congested, endpoint } = this.#pump;
    const { attached, urgency, session } = endpoint;
    // What else leaves now or waits for more, or an ack that is owed, shares a packet with it.
    const free = attached && !awake && !congested && urgency === 0 && session.ackAt === Infinity;
    // Whoever gets packet after packet is better off with one of its own for several ticks.
    const cold = this.#tables?.heat.until(0, now) === 0;
    // As long as a loss is to be told something waits.
    return free && cold && this.#largest === maxTopicFrame && !this.waits;
  }

  write(packets: readonly Encoded[]): void {
    for (const packet of packets) this.#pump.link?.send(packet);
  }

  /** Messages of a topic, for this reader to have when it can. */
  push(topic: Topic<TopicReader>, batch: readonly Publication[]): void {
    const tables = this.#tables;
    const view = tables?.views.get(topic);
    if (tables === undefined || view === undefined) return;
    const { lane } = tables;
    const slow = this.#pump.congested;
    for (const publication of batch) {
      const bytes = publication.bytes[this.codec] as number;
      if (bytes > this.#largest) {
        const text = `A message of the topic "${topic.name}" takes ${bytes} bytes and one client accepts ${this.#largest}.`;
        this.#hub.skipped(topic.name, systemError('TOO_LARGE', text));
      }
      // In any case it has its place: what comes after tells of the hole.
      lane.publish(view, publication, slow);
      this.#pump.endpoint.urgency += bytes;
    }
    // A burst is written at once; only a slow reader loses some of it.
    const { count, bytes } = lane.held;
    if (!slow && (bytes > fullPacket || count > maxFrames)) this.#pump.flush();
    this.#pump.wake();
  }

  take(frame: TopicFrame): void {
    const [kind, sid] = frame;
    if (kind === Kind.subscribe) {
      if (sid <= this.#lastSid) throw malformed('a subscription number used before');
      this.#lastSid = sid;
      const entry: Entry = { sid, name: frame[2] };
      const { entries } = (this.#tables ??= this.#makeTables());
      if (entries.size >= maxSubscriptions || this.#asking >= maxSubscriptions)
        return this.#end(entry, 'RATE_LIMITED', `At most ${maxSubscriptions} topics may be subscribed to at once.`);
      entries.set(sid, entry);
      // The application is asked, so it waits for its turn.
      this.#pump.endpoint.outputs.push([0, () => this.#asked(entry, frame), 'live']);
    } else if (kind !== Kind.unsubscribe) throw malformed('a topic frame that only servers send');
    else if (sid > this.#lastSid) throw malformed('an unsubscribe for what was never subscribed');
    else this.#drop(this.#tables?.entries.get(sid));
  }

  fits(frame: unknown[]): boolean {
    return isTopicFrame(frame);
  }

  next(room: number): TopicItem | undefined {
    if (!this.waits || this.#pump.congested) return undefined;
    return this.#tables?.lane.next(room, this.#largest);
  }

  attached({ frame, msg }: WireLimits): void {
    this.#largest = Math.min(msg, frame - packetOverhead, maxTopicFrame);
  }

  detached(): void {
    for (const { topic } of this.#tables?.views.values() ?? []) this.#hub.leave(this, topic);
    this.#tables = undefined;
    this.#lastSid = 0;
  }

  clear(): void {
    this.detached();
  }

  /** The topic ended, or with a code, this client may not read it any more. */
  end(topic: Topic<TopicReader>, code?: string, message?: string): void {
    const tables = this.#tables;
    const view = tables?.views.get(topic);
    if (tables === undefined || view === undefined) return;
    for (const sid of [...view.sids]) {
      const entry = tables.entries.get(sid) as Entry;
      this.#drop(entry);
      this.#end(entry, code, message);
    }
    // What was published before a topic ended is still to be read; what was taken away is not.
    view.over = code !== undefined;
    this.#pump.wake();
  }

  /** Takes a subscription away that this client has, or is about to have. */
  revoke(name: string, params: unknown, message: string): void {
    const key = this.#hub.keyOf(name, params);
    // What was decided before must not be given after.
    for (const { revoke } of [...(this.#tables?.entries.values() ?? [])]) revoke?.(key, message);
    const topic = this.#hub.find(name, params);
    if (topic === undefined) return;
    this.#hub.flush();
    this.end(topic, 'FORBIDDEN', message);
  }

  #asked(entry: Entry, [, sid, name, params, how]: SubscribeFrame): void {
    const wanted = (): boolean => this.#tables?.entries.get(sid) === entry;
    if (!wanted()) return;
    const refuse = (code: string, message: string): void => {
      this.#tables?.entries.delete(sid);
      this.#end(entry, code, message);
      this.#pump.wake();
    };
    const checked = this.#hub.read(name, params);
    if (checked === undefined) return refuse('UNIMPLEMENTED', `The contract of the server has no topic "${name}".`);
    if (checked.problem !== undefined)
      return refuse('INVALID_INPUT', `"${name}" was not subscribed: ${checked.problem}`);
    if (topicKey(name, params).length > maxTopicParams + name.length + 1)
      return refuse('INVALID_INPUT', `The parameters of a topic take at most ${maxTopicParams} characters.`);
    const peer = this.#peer;
    const own = this.#hub.keyOf(name, checked.value);
    entry.revoke = (key, why) => {
      if (key === own) refuse('FORBIDDEN', why);
    };
    this.#asking += 1;
    askForTopic(
      this.#hub.authorize,
      { topic: name, params: checked.value, auth: peer.auth, peer },
      {
        allowed: () => {
          this.#asking -= 1;
          // It may have unsubscribed, or come back on another connection and asked anew.
          if (wanted()) this.#begin(entry, checked.value, how?.from ?? undefined);
        },
        refused: ({ code, message }, fault) => {
          this.#asking -= 1;
          if (fault !== undefined) this.#hub.authorizeFailed(name, fault);
          if (wanted()) refuse(code, message);
        },
      },
    );
  }

  #begin(entry: Entry, params: unknown, from: TopicPosition | undefined): void {
    const { sid, name } = entry;
    entry.revoke = undefined;
    const { lane, views } = this.#tables as Tables;
    const topic = this.#hub.join(this, name, params);
    const view = views.get(topic) ?? { topic, sids: new Set(), lost: false, over: false };
    views.set(topic, view);
    view.sids.add(sid);
    entry.view = view;
    const { offset, recovered } = topic.beginAfter(from);
    lane.tell(this.#state(view, sid, offset, recovered));
    lane.replay(view, offset, topic.offset);
    this.#told();
  }

  #drop(entry: Entry | undefined): void {
    if (entry === undefined) return;
    const { sid, view } = entry;
    this.#tables?.entries.delete(sid);
    view?.sids.delete(sid);
    if (view === undefined || view.sids.size > 0) return;
    view.over = true;
    this.#tables?.views.delete(view.topic);
    this.#hub.leave(this, view.topic);
  }

  #end({ sid }: Entry, code?: string, message?: string): void {
    const frame: TopicEndFrame = code === undefined ? [Kind.topicEnd, sid] : [Kind.topicEnd, sid, code, message ?? ''];
    this.#tables?.lane.tell(this.#encode(frame));
    this.#told();
  }

  #makeTables(): Tables {
    const lane = new TopicLane(this.codec, (view, offset) =>
      [...(view as View).sids].map((sid) => this.#state(view as View, sid, offset, false)),
    );
    return { lane, heat: new Heat(), entries: new Map(), views: new Map() };
  }

  #state({ topic }: View, sid: number, offset: number, recovered: boolean): TopicItem {
    return this.#encode([Kind.topicState, sid, topic.tid, topic.epoch, offset, recovered]);
  }

  #told(): void {
    this.#pump.endpoint.urgency = Infinity;
    if (this.#tables?.lane.flooded)
      this.#pump.endpoint.outputs.push({ type: 'fault', code: 4541, reason: 'slow consumer' });
    this.#pump.wake();
  }

  #encode(frame: Frame): TopicItem {
    const { codec } = this.#pump.endpoint.options;
    const encoded = codec.encodeFrame(frame);
    return { encoded, bytes: codec.byteLength(encoded), seq: 0 };
  }
}
