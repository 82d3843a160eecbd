/** So many places stay, however few of them are taken. */
const roomKept = 128;

/**
 * What is under way, by id: a hash table with open addressing.
 *
 * Not a Map: where entries come and go, a Map gets a new table every few dozen of them, and V8 links the old one to it.
 * Once a collection has moved one table to old space, all that later ones ever held survives every collection of the
 * young until the next full one, and calls cost up to twice as much. It is also slower for numbers.
 */
export class IdTable<T extends { readonly id: number }> {
  /** For reading. */
  size = 0;
  /** A power of two of places, at most half of them taken. */
  #places: (T | undefined)[] = [undefined, undefined];

  get(id: number): T | undefined {
    return this.#places[this.#find(id)];
  }

  /** Adds what is not there yet. */
  add(entry: T): void {
    this.size += 1;
    const room = this.#places.length;
    if (this.size * 2 > room) this.#resize(room * 2);
    this.#places[this.#find(entry.id)] = entry;
  }

  /** Returns whether it was there. */
  delete(id: number): boolean {
    const places = this.#places;
    const mask = places.length - 1;
    let free = this.#find(id);
    if (places[free] === undefined) return false;
    this.size -= 1;
    // What was pushed beyond the place that comes free moves up (Knuth, The Art of Computer Programming 3, 6.4 R).
    for (let at = free, entry; (entry = places[(at = (at + 1) & mask)]);) {
      if (((at - this.#home(entry.id)) & mask) < ((at - free) & mask)) continue;
      places[free] = entry;
      free = at;
    }
    places[free] = undefined;
    // Thousands of idle connections are not to keep the room that each needed once.
    if (this.size * 8 < places.length && places.length > roomKept) this.#resize(places.length / 2);
    return true;
  }

  /** All there are, smallest id first; a copy. */
  all(): T[] {
    return this.#places.filter((entry) => entry !== undefined).sort((a, b) => a.id - b.id);
  }

  #resize(room: number): void {
    const before = this.#places;
    this.#places = [...before, ...before].slice(0, room).fill(undefined);
    for (const entry of before) if (entry) this.#places[this.#find(entry.id)] = entry;
  }

  /** Where it belongs: multiplying by 2^32 over the golden ratio spreads numbers in a row evenly. */
  #home(id: number): number {
    return Math.imul(id, 0x9e3779b1) >>> Math.clz32(this.#places.length - 1);
  }

  /** Where it is, or would be put. */
  #find(id: number): number {
    const places = this.#places;
    let at = this.#home(id);
    for (let entry; (entry = places[at]) && entry.id !== id;) at = (at + 1) & (places.length - 1);
    return at;
  }
}
