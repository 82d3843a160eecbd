import { Heartbeat, type HeartbeatTiming } from './heartbeat.ts';

/** The heartbeat of the end that pings at the interval it announced; `protocol/README.md` section 6. */
export class Rhythm extends Heartbeat {
  override readonly initiates: boolean = true;
  #nextPing: number;

  /** @param firstPing - delay before the first ping, milliseconds */
  constructor(timing: HeartbeatTiming, firstPing: number, now: number) {
    super(timing, now);
    this.#nextPing = now + firstPing;
  }

  override get deadline(): number {
    return Math.min(this.#nextPing, super.deadline);
  }

  override check(now: number): 'ping' | 'dead' | undefined {
    const found = super.check(now);
    if (found !== undefined || now < this.#nextPing) return found;
    this.#nextPing = now + this.timing.every;
    return 'ping';
  }
}
