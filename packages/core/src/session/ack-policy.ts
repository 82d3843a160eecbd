/** When an ack must leave although nothing else does; `protocol/README.md` section 3, rule 7. */
export interface AckLimits {
  /** Packets with sequenced frames. */
  readonly packets: number;
  /** Bytes received. */
  readonly bytes: number;
  /** Milliseconds. */
  readonly delay: number;
}

export const defaultAckLimits: AckLimits = { packets: 16, bytes: 32_768, delay: 1_000 };

/** Counts what was received since the last ack left. */
export class AckPolicy {
  readonly #limits: AckLimits;
  #packets = 0;
  #bytes = 0;
  #deadline = Number.POSITIVE_INFINITY;

  constructor(limits: AckLimits = defaultAckLimits) {
    this.#limits = limits;
  }

  /** When an ack must leave at the latest; `Infinity` when none is owed. */
  get deadline(): number {
    return this.#deadline;
  }

  /** A packet with sequenced frames came in. */
  received(bytes: number, now: number): void {
    this.#packets += 1;
    this.#bytes += bytes;
    if (this.#packets >= this.#limits.packets || this.#bytes >= this.#limits.bytes) this.#deadline = now;
    else if (this.#deadline === Number.POSITIVE_INFINITY) this.#deadline = now + this.#limits.delay;
  }

  due(now: number): boolean {
    return now >= this.#deadline;
  }

  /** An ack left, or the connection is a new one whose handshake carried it. */
  sent(): void {
    this.#packets = 0;
    this.#bytes = 0;
    this.#deadline = Number.POSITIVE_INFINITY;
  }
}
