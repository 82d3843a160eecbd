/** So long one-way data is collected at most, milliseconds. */
const hold = 4;
/** Ticks with something to send that write at once within that time, on a link that is cold. */
const cold = 4;
/** So much is worth a packet of its own at any time, bytes. */
const worthy = 4_096;
/** So long nothing waits after a tick waited alone, milliseconds. */
const rest = 64;

/**
 * Says how long one-way data waits for more of its kind; `protocol/README.md` section 5.
 *
 * Time is cut into windows of 4 ms. A few ticks of a window write at once, and what more there are wait for its end: after
 * the fourth on a link that is cold, after the first where several waited together just now. What comes after a pause
 * begins a window.
 *
 * Two ends that answer each other in messages send nothing while they wait. So when a tick waited alone, none waits for a
 * while.
 */
export class Heat {
  /** Ticks of this window that may still write at once; below zero, those that wait. */
  #left = cold;
  #end = 0;

  /**
   * A tick has one-way data to send: until when it waits, 0 for not at all.
   *
   * @param bytes - all that waits
   */
  until(bytes: number, now: number): number {
    if (bytes >= worthy) return 0;
    if (now >= this.#end) {
      const alone = this.#left === -1;
      this.#left = alone ? Infinity : this.#left < 0 && now < this.#end + hold ? 1 : cold;
      this.#end = now + (alone ? rest : hold);
    }
    this.#left -= 1;
    // The sum that is compared is the one a timer is set for: with two, a rounding error would ring for ever.
    return this.#left < 0 ? this.#end : 0;
  }
}
