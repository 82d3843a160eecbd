/** Rhythm of the heartbeat, milliseconds; `protocol/README.md` section 6. */
export interface HeartbeatTiming {
  /** Interval between the accepting end's pings. */
  readonly every: number;
  /** Silence allowed beyond that. */
  readonly grace: number;
}

/** What a look at the clock asks for. */
export type HeartbeatAction = 'none' | 'ping' | 'dead';

/** How long a probe waits for any sign of life. */
const probeTime = 5_000;
/** A check that comes this late says more about this process than about the peer. */
const drift = 2_000;
/** A round trip above this counts as slow. */
const slow = 1_000;

/**
 * Liveness of one connection: any received byte counts as life, silence is probed before it is judged (HB1-HB4).
 *
 * The caller reports received data and pongs, asks {@link Heartbeat.check} when {@link Heartbeat.deadline} has come, and
 * sends a ping when told to.
 */
export class Heartbeat {
  /** Whether this end sets the rhythm. */
  readonly initiates: boolean;
  /** Last measured round trip, milliseconds; for reading. */
  latency: number | undefined;
  readonly #timing: HeartbeatTiming;
  readonly #probeTime: number;
  /** When silence is probed. */
  #probeAt = 0;
  /** When a probe is judged; `Infinity` while none runs. */
  #probeUntil = Infinity;
  #nextPing: number;
  #sent = 0;
  #sentAt: number | undefined;

  /** @param firstPing - delay before this end's first rhythmic ping; `Infinity` when the other end sets the rhythm */
  constructor(timing: HeartbeatTiming, firstPing: number, now: number) {
    this.#timing = timing;
    // A short rhythm must still leave time between the last ping and the probe.
    this.#probeTime = Math.min(probeTime, (timing.every + timing.grace) / 2);
    this.#nextPing = now + firstPing;
    this.initiates = firstPing < Infinity;
    this.heard(now);
  }

  get #probing(): boolean {
    return this.#probeUntil < Infinity;
  }

  /** Silent for so long that it is being probed, or slow to answer. */
  get degraded(): boolean {
    return this.#probing || (this.latency ?? 0) > slow;
  }

  get deadline(): number {
    return Math.min(this.#nextPing, this.#probing ? this.#probeUntil : this.#probeAt);
  }

  /** Data arrived; returns whether that ended a probe. */
  heard(now: number): boolean {
    const probing = this.#probing;
    const { every, grace } = this.#timing;
    this.#probeAt = now + every + grace - this.#probeTime;
    this.#probeUntil = Infinity;
    return probing;
  }

  /** Number for a ping that leaves now. */
  pingSent(now: number): number {
    this.#sentAt = now;
    return (this.#sent += 1);
  }

  /** A pong came back; returns whether it gave a new measurement. */
  ponged(n: number, now: number): boolean {
    if (n !== this.#sent || this.#sentAt === undefined) return false;
    this.latency = now - this.#sentAt;
    this.#sentAt = undefined;
    return true;
  }

  /** Something suggests that the link may be gone (wake-up, network change, silence): find out now. */
  probe(now: number): void {
    this.#probeUntil = now + this.#probeTime;
  }

  check(now: number): HeartbeatAction {
    const probeDue = this.#probing ? this.#probeUntil : this.#probeAt;
    if (now >= probeDue) {
      // Late by more than the drift: this process stood still, so the answer may lie unread in the socket.
      if (this.#probing && now - probeDue <= drift) return 'dead';
      this.probe(now);
      return 'ping';
    }
    if (now < this.#nextPing) return 'none';
    this.#nextPing = now + this.#timing.every;
    return 'ping';
  }
}
