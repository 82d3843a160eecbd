/** Rhythm of the heartbeat, milliseconds; `protocol/README.md` section 6. */
export interface HeartbeatTiming {
  /** Interval between the accepting end's pings. */
  readonly every: number;
  /** Silence allowed beyond that. */
  readonly grace: number;
}

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
  readonly timing: HeartbeatTiming;
  /** Whether this end sets the rhythm. */
  readonly initiates: boolean = false;
  /** Last measured round trip, milliseconds; for reading. */
  latency: number | undefined;
  readonly #probeTime: number;
  #probing = false;
  /** When silence is probed, and then when the probe is judged. */
  #probeAt = 0;
  #sent = 0;
  /** When the last ping left; 0 once it was answered. */
  #sentAt = 0;

  constructor(timing: HeartbeatTiming, now: number) {
    this.timing = timing;
    // A short rhythm must still leave time between the last ping and the probe.
    this.#probeTime = Math.min(probeTime, (timing.every + timing.grace) / 2);
    this.heard(now);
  }

  /** Silent for so long that it is being probed, or slow to answer. */
  get degraded(): boolean {
    return this.#probing || (this.latency ?? 0) > slow;
  }

  get deadline(): number {
    return this.#probeAt;
  }

  /** Data arrived; returns whether that ended a probe. */
  heard(now: number): boolean {
    const probing = this.#probing;
    const { every, grace } = this.timing;
    this.#probing = false;
    this.#probeAt = now + every + grace - this.#probeTime;
    return probing;
  }

  /** Number for a ping that leaves now. */
  pingSent(now: number): number {
    this.#sentAt = now;
    return (this.#sent += 1);
  }

  /** A pong came back; returns whether it gave a new measurement. */
  ponged(n: number, now: number): boolean {
    if (n !== this.#sent || this.#sentAt === 0) return false;
    this.latency = now - this.#sentAt;
    this.#sentAt = 0;
    return true;
  }

  /** Something suggests that the link may be gone (wake-up, network change, silence): find out now. */
  probe(now: number): void {
    this.#probing = true;
    this.#probeAt = now + this.#probeTime;
  }

  /** What the clock asks for, if anything. */
  check(now: number): 'ping' | 'dead' | undefined {
    const late = now - this.#probeAt;
    if (late < 0) return undefined;
    // Late by more than the drift: this process stood still, so the answer may lie unread in the socket.
    if (this.#probing && late <= drift) return 'dead';
    this.probe(now);
    return 'ping';
  }
}
