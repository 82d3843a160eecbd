import type { TopicItem } from '../messaging/topic-port.ts';
import type { Publication, Topic } from './topic-registry.ts';

/** One subscriber's view of one topic, as its lane needs it. */
export interface LaneTopic {
  readonly topic: Topic<unknown>;
  /** Something was dropped that nothing later takes the place of, and nobody can see it from the offsets. */
  lost: boolean;
  /** Nobody wants it any more. */
  over: boolean;
}

/**
 * Waits in a lane: a frame made for this subscriber, a stretch of retained history, or a message that all share. A stretch
 * `ofLost` is what was dropped, and counts only if nothing later of the topic has left before its turn.
 */
type Entry =
  | { readonly item: TopicItem }
  | { readonly view: LaneTopic; cursor: number; readonly until: number; ofLost?: boolean }
  | { readonly view: LaneTopic; readonly publication: Publication };

/** Bounds of a lane. */
export interface LaneLimits {
  /** Messages. */
  readonly count: number;
  /** Their bytes. */
  readonly bytes: number;
  /** Frames made for this subscriber alone, and stretches of history. */
  readonly own: number;
}

/** What waits for one subscriber unless told otherwise. */
export const laneLimits: LaneLimits = { count: 1_000, bytes: 262_144, own: 2_048 };

/**
 * What waits to be written to one subscriber, in order and within bounds; `protocol/README.md` section 11.
 *
 * Messages are shared with all other subscribers, so a slow reader costs references. History is read from the topic when
 * its turn comes, so it costs nothing however long it is.
 */
export class TopicLane {
  readonly #codec: number;
  readonly #limits: LaneLimits;
  /** Makes the frame that tells of a loss, for every subscription of this subscriber to the topic. */
  readonly #lossOf: (view: LaneTopic, offset: number) => readonly TopicItem[];
  /** In order; the name of a message is what it is about, when another may take its place. */
  readonly #entries = new Map<string | number, Entry>();
  /** Comes before everything else. */
  #first: TopicItem[] = [];
  #names = 0;
  #count = 0;
  #bytes = 0;

  /** @param codec - place of the subscriber's codec among those of the server */
  constructor(
    codec: number,
    lossOf: (view: LaneTopic, offset: number) => readonly TopicItem[],
    limits: LaneLimits = laneLimits,
  ) {
    this.#codec = codec;
    this.#lossOf = lossOf;
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0 && this.#first.length === 0;
  }

  /** Messages that wait, and their bytes. */
  get held(): { readonly count: number; readonly bytes: number } {
    return { count: this.#count, bytes: this.#bytes };
  }

  /** Whether more waits than an honest subscriber can have asked for. */
  get flooded(): boolean {
    return this.#entries.size - this.#count > this.#limits.own;
  }

  clear(): void {
    this.#entries.clear();
    this.#first = [];
    this.#count = this.#bytes = 0;
  }

  /** A frame for this subscriber alone. */
  tell(item: TopicItem): void {
    this.#add({ item });
  }

  /** What the topic retains after `cursor`, up to `until`. */
  replay(view: LaneTopic, cursor: number, until: number): void {
    if (cursor < until) this.#add({ view, cursor, until });
  }

  /**
   * A message of a topic. What is over the bounds goes, oldest first.
   *
   * @param slow - whether the subscriber cannot keep up: then it takes the place of an earlier one about the same
   */
  publish(view: LaneTopic, publication: Publication, slow: boolean): void {
    const { about } = publication;
    const name = slow && about !== undefined ? `${view.topic.tid} ${about}` : undefined;
    if (name !== undefined) this.#take(name);
    this.#add({ view, publication }, name);
    this.#count += 1;
    this.#bytes += this.#size(publication);
    for (const [oldest, entry] of this.#entries) {
      if (this.#count <= this.#limits.count && this.#bytes <= this.#limits.bytes) break;
      if (!('publication' in entry)) continue;
      this.#take(oldest);
      this.#lose(entry.view, entry.publication.offset);
    }
  }

  /** The next frame, if there is one of at most `room` bytes. @param largest - what the subscriber accepts, bytes */
  next(room: number, largest: number): TopicItem | undefined {
    for (;;) {
      const [told] = this.#first;
      if (told !== undefined) {
        if (told.bytes > room) return undefined;
        return this.#first.shift();
      }
      const [head] = this.#entries;
      if (head === undefined) return undefined;
      const [name, entry] = head;
      if ('item' in entry) {
        if (entry.item.bytes > room) return undefined;
        this.#take(name);
        return entry.item;
      }
      const { view } = entry;
      const ofLost = 'until' in entry && entry.ofLost === true;
      if (ofLost) {
        // Something later has left, and told of the loss.
        if (!view.lost) {
          this.#take(name);
          continue;
        }
        entry.ofLost = false;
      }
      const publication = 'until' in entry ? view.topic.after(entry.cursor) : entry.publication;
      if (view.over || publication === undefined || ('until' in entry && publication.offset > entry.until)) {
        this.#take(name);
        // What was promised is gone, because other messages took its room.
        if ('until' in entry && entry.cursor < entry.until && !view.over) {
          if (ofLost) {
            view.lost = false;
            this.#first = [...this.#lossOf(view, entry.until)];
          } else this.#lose(view, entry.until);
        }
        continue;
      }
      const { offset } = publication;
      // The topic may have dropped some of its history meanwhile.
      if ('until' in entry && offset > entry.cursor + 1) view.lost = true;
      const size = this.#size(publication);
      const tooLarge = size > largest;
      if (tooLarge) view.lost = true;
      else if (view.lost && view.topic.conflates) {
        view.lost = false;
        if ('until' in entry) entry.cursor = offset - 1;
        this.#first = [...this.#lossOf(view, offset - 1)];
        continue;
      } else if (size > room) return undefined;
      if ('until' in entry) entry.cursor = offset;
      else this.#take(name);
      if (tooLarge) continue;
      view.lost = false;
      return { encoded: publication.frames[this.#codec] as string, bytes: size, seq: 0 };
    }
  }

  /** Something was dropped: at the end of all that waits now this is made up for, or told, if nothing later has done so. */
  #lose(view: LaneTopic, offset: number): void {
    const name = `lost ${view.topic.tid}`;
    const before = this.#entries.get(name);
    const cursor = view.lost && before && 'until' in before ? before.cursor : offset - 1;
    view.lost = true;
    this.#entries.delete(name);
    this.#entries.set(name, { view, cursor, until: offset, ofLost: true });
  }

  #add(entry: Entry, name: string | number = (this.#names += 1)): void {
    this.#entries.set(name, entry);
  }

  #take(name: string | number): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#entries.delete(name);
    if (!('publication' in entry)) return;
    this.#count -= 1;
    this.#bytes -= this.#size(entry.publication);
  }

  #size({ bytes }: Publication): number {
    return bytes[this.#codec] as number;
  }
}
