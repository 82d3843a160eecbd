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
  readonly #timing: HeartbeatTiming;
  readonly #probeTime: number;
  readonly #initiates: boolean;
  #heardAt: number;
  #nextPing: number;
  #probeUntil = Number.POSITIVE_INFINITY;
  #sent = 0;
  #sentAt = 0;
  #latency: number | undefined;

  /** @param firstPing - delay before this end's first rhythmic ping; `Infinity` when the other end sets the rhythm */
  constructor(timing: HeartbeatTiming, firstPing: number, now: number) {
    this.#timing = timing;
    // A short rhythm must still leave time between the last ping and the probe.
    this.#probeTime = Math.min(probeTime, (timing.every + timing.grace) / 2);
    this.#initiates = firstPing !== Number.POSITIVE_INFINITY;
    this.#heardAt = now;
    this.#nextPing = now + firstPing;
  }

  /** Whether this end sets the rhythm. */
  get initiates(): boolean {
    return this.#initiates;
  }

  /** Last measured round trip, milliseconds. */
  get latency(): number | undefined {
    return this.#latency;
  }

  /** Silent for so long that it is being probed, or slow to answer. */
  get degraded(): boolean {
    return this.#probeUntil !== Number.POSITIVE_INFINITY || (this.#latency ?? 0) > slow;
  }

  get deadline(): number {
    return Math.min(this.#nextPing, this.#probeUntil, this.#probeAt);
  }

  /** Data arrived; returns whether that ended a probe. */
  heard(now: number): boolean {
    this.#heardAt = now;
    const probing = this.#probeUntil !== Number.POSITIVE_INFINITY;
    this.#probeUntil = Number.POSITIVE_INFINITY;
    return probing;
  }

  /** Number for a ping that leaves now. */
  pingSent(now: number): number {
    this.#sent += 1;
    this.#sentAt = now;
    return this.#sent;
  }

  /** A pong came back; returns whether it gave a new measurement. */
  ponged(n: number, now: number): boolean {
    if (n !== this.#sent || this.#sentAt === 0) return false;
    this.#latency = now - this.#sentAt;
    this.#sentAt = 0;
    return true;
  }

  /** Something suggests that the link may be gone (wake-up, network change): find out now. */
  probe(now: number): void {
    this.#probeUntil = now + this.#probeTime;
  }

  check(now: number): HeartbeatAction {
    if (this.#probeUntil !== Number.POSITIVE_INFINITY) {
      if (now < this.#probeUntil) return 'none';
      // Late by more than the drift: this process stood still, so the answer may lie unread in the socket.
      if (now - this.#probeUntil <= drift) return 'dead';
      this.probe(now);
      return 'ping';
    }
    if (now >= this.#probeAt) {
      this.probe(now);
      return 'ping';
    }
    if (now >= this.#nextPing) {
      this.#nextPing = now + this.#timing.every;
      return 'ping';
    }
    return 'none';
  }

  get #probeAt(): number {
    if (this.#probeUntil !== Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    return this.#heardAt + this.#timing.every + this.#timing.grace - this.#probeTime;
  }
}
