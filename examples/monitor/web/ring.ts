/**
 * The last rows of a table of numbers, in typed arrays.
 *
 * Each value is written twice, one capacity apart, so that the rows in order are always one piece of memory: `view`
 * hands out windows on it and copies nothing.
 */
export class Ring {
  readonly #capacity: number;
  readonly #columns: readonly Float64Array[];
  #next = 0;
  #length = 0;

  constructor(capacity: number, columns: number) {
    this.#capacity = capacity;
    this.#columns = Array.from({ length: columns }, () => new Float64Array(capacity * 2));
  }

  /** Number of rows held. */
  get length(): number {
    return this.#length;
  }

  /** Number of values in a row. */
  get width(): number {
    return this.#columns.length;
  }

  /** Adds a row; the oldest leaves when the ring is full. */
  push(row: readonly number[]): void {
    this.#columns.forEach((column, index) => {
      const value = row[index] ?? 0;
      column[this.#next] = value;
      column[this.#next + this.#capacity] = value;
    });
    this.#next = (this.#next + 1) % this.#capacity;
    this.#length = Math.min(this.#length + 1, this.#capacity);
  }

  /** One column, oldest value first. It is a window on living memory: use it before the next `push`. */
  view(column: number): Float64Array {
    const start = this.#length < this.#capacity ? 0 : this.#next;
    return this.#columns[column]?.subarray(start, start + this.#length) ?? new Float64Array(0);
  }
}
