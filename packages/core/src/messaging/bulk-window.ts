/** Least and most bytes of chunks that may be unacknowledged; `protocol/README.md` section 4.4. */
const floor = 65_536;
const ceiling = 1_048_576;
/** A queue shorter than this on the way is noise, milliseconds. */
const noise = 10;

/**
 * How many bytes of chunks may be unacknowledged, so that the link is full and what is small need not wait long behind
 * them.
 *
 * A window that is filled and whose round trip stays at the minimum leaves the link idle: more would mean more
 * throughput, so it grows. A round trip of twice the minimum is a queue on the way as long as the way: the window shrinks
 * to what the link carried at best in one minimum, and a half more. It is looked at once in a round trip, by the chunks
 * that the whole window was ahead of.
 */
export class BulkWindow {
  /** Bytes; for reading. */
  size: number = floor;
  #shortest = Infinity;
  /** Shortest among the last of the present round, which the whole window was ahead of. */
  #present = Infinity;
  /** Bytes sent and acknowledged in all. */
  #sent = 0;
  #acked = 0;
  /** What had been sent when the present window was full for the first time; 0 before. */
  #roundEnd = 0;
  /** Whether the window was what kept more from leaving in this round. */
  #filled = false;
  /** Growing fast, until the first queue. */
  #starting = true;
  /** Best throughput of late, bytes a millisecond. */
  #rate = 0;

  /** A chunk left. */
  sent(bytes: number): void {
    this.#sent += bytes;
  }

  /** More would have left if the window were larger. */
  fill(): void {
    this.#filled = true;
  }

  /** @param took - round trip of the newest of the acknowledged chunks, milliseconds */
  acknowledged(bytes: number, took: number): void {
    // Clocks of whole milliseconds say 0 for what was quick.
    const roundTrip = Math.max(1, took);
    this.#acked += bytes;
    this.#shortest = Math.min(this.#shortest, roundTrip);
    this.#roundEnd ||= this.#sent;
    if (this.#acked < this.#roundEnd - this.size / 4) return;
    this.#present = Math.min(this.#present, roundTrip);
    if (this.#acked < this.#roundEnd) return;
    const shortest = this.#shortest;
    const queue = this.#present - shortest;
    const rate = this.#filled ? this.size / this.#present : 0;
    // It fades, because the link may become slower; a single slow round may be this process' own doing.
    this.#rate = Math.max(this.#rate * 0.9, rate);
    if (queue > Math.max(shortest, noise)) {
      this.size = Math.max(floor, Math.min(this.size, Math.round(this.#rate * shortest * 1.5)));
    } else if (this.#filled && queue <= Math.max(shortest / 4, noise / 2)) {
      this.size = Math.min(ceiling, Math.round(this.size * (this.#starting ? 1.5 : 1.25)));
    } else this.#starting = false;
    this.#roundEnd = 0;
    this.#present = Infinity;
    this.#filled = false;
  }
}
