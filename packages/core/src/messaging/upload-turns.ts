import { explain } from '../shared/explain.ts';
import { systemError } from '../shared/errors.ts';

/** Uploads of one end at once; with the frames there are fewer than the peer takes, whatever overtakes what. */
const maxUploads = 11;

/** Which uploads of one end may run; `protocol/README.md` section 4.4. */
export class UploadTurns {
  /** Those that wait until there are fewer; each function starts one, and says whether it could. */
  readonly #waiting = new Set<() => boolean>();
  readonly #most: number;
  #running = 0;

  /** @param most - how many may wait */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Whether one more may run now, until {@link UploadTurns.release}; otherwise `begin` is called when it may.
   *
   * @throws HawserError `QUEUE_FULL` when too many wait
   */
  reserve(name: string, begin: () => boolean): boolean {
    const { size } = this.#waiting;
    const free = this.#running < maxUploads;
    if (free) this.#running += 1;
    else if (size < this.#most) this.#waiting.add(begin);
    else {
      const text =
        explain &&
        `"${name}" was not uploaded: ${size} uploads wait for their turn, and no more may. Wait for some of them before ` +
          'the next, or raise `buffer.queueCount`.';
      throw systemError('QUEUE_FULL', text);
    }
    return free;
  }

  /** Nobody wants one any more that waits. */
  forget(begin: () => boolean): void {
    this.#waiting.delete(begin);
  }

  /** One is over: the next may begin. */
  release(): void {
    for (const begin of this.#waiting) {
      this.#waiting.delete(begin);
      if (begin()) return;
    }
    this.#running -= 1;
  }
}
