/** A timer in a wheel, to be given to {@link TimerWheel.clear}. */
export interface WheelTimer {
  /** When it is due, milliseconds. */
  readonly at: number;
}

interface Entry extends WheelTimer {
  readonly fn: () => void;
  /** Where it stands; `undefined` once it is due or cleared. */
  ring: Ring | undefined;
  slot: number;
  before: Entry;
  after: Entry;
  cleared: boolean;
}

/** One circle of slots, each `grain` milliseconds wide; holds what is due within one turn. */
class Ring {
  readonly grain: number;
  readonly slots: number;
  /** First timer of each slot; its `before` is the last. */
  readonly heads: (Entry | undefined)[];
  /** One bit per slot that holds a timer. */
  readonly #used: Int32Array;
  /** Earliest tick that holds a timer; `Infinity` for none, `undefined` when it has to be looked for. */
  #next: number | undefined = Infinity;

  constructor(grain: number, slots: number) {
    this.grain = grain;
    this.slots = slots;
    this.heads = Array.from({ length: slots });
    this.#used = new Int32Array(slots / 32);
  }

  add(entry: Entry, tick: number): void {
    const slot = tick % this.slots;
    const head = this.heads[slot];
    entry.ring = this;
    entry.slot = slot;
    if (head === undefined) {
      this.heads[slot] = entry;
      this.#used[slot >> 5] = (this.#used[slot >> 5] ?? 0) | (1 << (slot & 31));
      if (this.#next !== undefined) this.#next = Math.min(this.#next, tick);
      return;
    }
    entry.after = head;
    entry.before = head.before;
    head.before.after = entry;
    head.before = entry;
  }

  remove(entry: Entry): void {
    const { slot, before, after } = entry;
    entry.ring = undefined;
    if (after === entry) {
      this.#clear(slot);
      return;
    }
    before.after = after;
    after.before = before;
    if (this.heads[slot] === entry) this.heads[slot] = after;
    entry.before = entry.after = entry;
  }

  /** Empties a slot; returns its first timer. */
  takeSlot(tick: number): Entry {
    const slot = tick % this.slots;
    const head = this.heads[slot] as Entry;
    this.#clear(slot);
    return head;
  }

  /** Earliest tick that holds a timer, `Infinity` for none; all before `from` have been taken. */
  next(from: number): number {
    this.#next ??= this.#find(from);
    return this.#next;
  }

  #clear(slot: number): void {
    this.heads[slot] = undefined;
    this.#used[slot >> 5] = (this.#used[slot >> 5] ?? 0) & ~(1 << (slot & 31));
    this.#next = undefined;
  }

  #find(from: number): number {
    const used = this.#used;
    const start = from % this.slots;
    // The word of the first slot is looked at twice: from that slot on, and at the end for what lies before it.
    for (let step = 0; step <= used.length; step += 1) {
      const word = ((start >> 5) + step) % used.length;
      const mask = step === 0 ? -1 << (start & 31) : -1;
      const bits = (used[word] ?? 0) & mask;
      if (bits === 0) continue;
      const slot = (word << 5) + 31 - Math.clz32(bits & -bits);
      return from + ((slot - start + this.slots) % this.slots);
    }
    return Infinity;
  }
}

/**
 * Timers of a whole process, in a few circles of slots: to set, to clear and to find the next one cost the same for ten
 * timers and for a hundred thousand.
 *
 * A timer is never taken early. It is taken at most 1 ms late when it was set for less than a second ahead, 32 ms for less
 * than 16 seconds, and 256 ms for more, so that far deadlines of thousands of connections fall together. `now` is in whole
 * milliseconds and never goes back while the wheel holds a timer.
 */
export class TimerWheel {
  /** Timers set and neither taken nor cleared. */
  size = 0;
  #now = 0;
  readonly #rings: readonly Ring[] = [new Ring(1, 1_024), new Ring(32, 512), new Ring(256, 512)];
  /** What is due, oldest first. */
  readonly #due: Entry[] = [];
  #taken = 0;

  /** Sets a timer for an instant; one that is not ahead comes with the next millisecond. */
  set(fn: () => void, at: number, now: number): WheelTimer {
    if (this.size === 0) this.#now = now;
    else this.#advance(now);
    const entry = { at: Math.max(at, this.#now + 1), fn, ring: undefined, slot: 0, cleared: false } as unknown as Entry;
    entry.before = entry.after = entry;
    this.#place(entry);
    this.size += 1;
    return entry;
  }

  /** Takes a timer out; nothing when it is out already. */
  clear(timer: WheelTimer): void {
    const entry = timer as Entry;
    if (entry.cleared) return;
    entry.cleared = true;
    entry.ring?.remove(entry);
    this.size -= 1;
  }

  /** The next function that is due, in the order of their instants; what was set at this instant is not. */
  take(now: number): (() => void) | undefined {
    if (this.#taken === this.#due.length) this.#advance(now);
    while (this.#taken < this.#due.length) {
      const entry = this.#due[this.#taken] as Entry;
      this.#taken += 1;
      if (entry.cleared) continue;
      entry.cleared = true;
      this.size -= 1;
      return entry.fn;
    }
    this.#due.length = this.#taken = 0;
    return undefined;
  }

  /** When {@link TimerWheel.take} has something at the earliest; `Infinity` when nothing is set. */
  get nextAt(): number {
    if (this.size === 0) return Infinity;
    if (this.#taken < this.#due.length) return this.#now;
    return this.#earliest()[0];
  }

  #earliest(): readonly [at: number, ring: Ring | undefined] {
    let at = Infinity;
    let first: Ring | undefined;
    for (const ring of this.#rings) {
      const due = ring.next(Math.floor(this.#now / ring.grain) + 1) * ring.grain;
      if (due >= at) continue;
      at = due;
      first = ring;
    }
    return [at, first];
  }

  #place(entry: Entry): void {
    for (const ring of this.#rings) {
      const { grain, slots } = ring;
      const tick = Math.ceil(entry.at / grain);
      if (tick <= Math.floor(this.#now / grain) + slots) return ring.add(entry, tick);
    }
    // Farther than one turn of the last circle: looked at again on the way.
    const { grain, slots } = this.#rings.at(-1) as Ring;
    this.#rings.at(-1)?.add(entry, Math.floor(this.#now / grain) + slots);
  }

  /** Moves everything that is due by `now` to where it is taken from. */
  #advance(now: number): void {
    // The most frequent case by far, and all that is set lies ahead.
    if (now <= this.#now) return;
    for (;;) {
      const [at, ring] = this.#earliest();
      if (at > now || ring === undefined) break;
      const head = ring.takeSlot(at / ring.grain);
      this.#now = Math.max(this.#now, at);
      let entry = head;
      do {
        const { after } = entry;
        entry.before = entry.after = entry;
        entry.ring = undefined;
        if (entry.at <= at) this.#due.push(entry);
        else this.#place(entry);
        entry = after;
      } while (entry !== head);
    }
    this.#now = Math.max(this.#now, now);
  }
}
