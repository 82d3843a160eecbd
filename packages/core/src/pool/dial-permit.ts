import type { Clock } from '../driver/clock.ts';
import type { DialInfo, Resolvable } from '../driver/dialer.ts';
import { systemError } from '../shared/errors.ts';
import { explain } from '../shared/explain.ts';

/** One dial of one client: it waits to be admitted, and only then its time begins to run. */
export class DialPermit {
  readonly #clock: Clock;
  readonly #timeout: number;
  readonly #late: () => void;
  readonly #admitted: Promise<void>;
  readonly #overdue: Promise<never>;
  #admit!: () => void;
  #expire!: (error: Error) => void;
  #timer: unknown;
  #ended = false;

  /** @param late - told when the socket is not open after `timeout` milliseconds */
  constructor(clock: Clock, timeout: number, late: () => void) {
    this.#clock = clock;
    this.#timeout = timeout;
    this.#late = late;
    this.#admitted = new Promise((resolve) => (this.#admit = resolve));
    this.#overdue = new Promise((_, reject) => (this.#expire = reject));
    // Nobody may be listening, when only the socket is late.
    this.#overdue.catch(() => undefined);
  }

  /** The dial may begin. */
  admit(): void {
    if (this.#ended) return;
    this.#admit();
    if (this.#timeout === Infinity) return;
    this.#timer = this.#clock.setTimer(() => {
      const text =
        explain && `\`url\` or \`auth\` gave no answer within ${this.#timeout} ms (reconnect.connectTimeout).`;
      this.#expire(systemError('TIMEOUT', text));
      this.#late();
    }, this.#timeout);
  }

  /** The dial is over, or nobody wants it any more. */
  end(): void {
    this.#ended = true;
    this.#clock.clearTimer(this.#timer);
  }

  /** Asks the application, once admitted and for no longer than the dial has time. */
  async resolve<T>(value: Resolvable<T>, info: DialInfo): Promise<T> {
    await this.#admitted;
    return Promise.race([typeof value === 'function' ? (value as (info: DialInfo) => T)(info) : value, this.#overdue]);
  }
}
