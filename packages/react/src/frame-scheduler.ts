/** When no frame comes, as in a hidden tab, waiting work runs after this many milliseconds. */
export const frameTimeout = 1_000;

/**
 * Runs everything that was scheduled during one animation frame in one go, so that React commits once for all of it.
 *
 * A frame and a timer are asked for together and the first to fire cancels the other: that covers tabs that are or become
 * hidden, and runtimes without `requestAnimationFrame`.
 */
export class FrameScheduler {
  #waiting = new Set<() => void>();
  #frame: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Runs `work` in the next frame; scheduling it again before then changes nothing. */
  schedule(work: () => void): void {
    this.#waiting.add(work);
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(this.#run, frameTimeout);
    if (typeof requestAnimationFrame === 'function') this.#frame = requestAnimationFrame(this.#run);
  }

  /** Forgets `work`; without any left nothing stays armed. */
  cancel(work: () => void): void {
    this.#waiting.delete(work);
    if (this.#waiting.size === 0) this.#disarm();
  }

  #run = (): void => {
    const due = this.#waiting;
    this.#waiting = new Set();
    this.#disarm();
    for (const work of due) work();
  };

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
  }
}

/** One for the page: with one per client, two clients would cost two commits per frame. */
export const frames: FrameScheduler = new FrameScheduler();
