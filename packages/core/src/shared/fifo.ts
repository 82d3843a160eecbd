/** A queue with cheap removal at the front, whatever its length. */
export class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** The item `offset` places behind the front. */
  at(offset: number): T | undefined {
    return this.#items[this.#head + offset];
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return item;
    // Gone items must not be kept alive by the array until it is cut.
    this.#items[this.#head] = undefined as T;
    this.#head += 1;
    // Moving the rest down only when half is dead keeps the cost per item constant.
    if (this.#head > 1_024 && this.#head * 2 > this.#items.length) this.retain(() => true);
    else if (this.length === 0) this.retain(() => false);
    return item;
  }

  /** Keeps only the items that pass. */
  retain(keep: (item: T) => boolean): void {
    this.#items = this.toArray().filter(keep);
    this.#head = 0;
  }

  toArray(): T[] {
    return this.#items.slice(this.#head);
  }
}
