/** When an ack must leave although nothing else does: packets, bytes, milliseconds; protocol section 3, rule 7. */
const limits = { packets: 16, bytes: 32_768, delay: 1_000 };

/** Counts what was received since the last ack left. */
export class AckPolicy {
  /** When an ack must leave at the latest; `Infinity` when none is owed. For reading. */
  deadline: number = Infinity;
  #packets = 0;
  #bytes = 0;

  /** A packet with sequenced frames came in. */
  received(bytes: number, now: number): void {
    this.#packets += 1;
    this.#bytes += bytes;
    const due = this.#packets >= limits.packets || this.#bytes >= limits.bytes;
    this.deadline = Math.min(this.deadline, due ? now : now + limits.delay);
  }

  /** An ack left, or the connection is a new one whose handshake carried it. */
  sent(): void {
    this.#packets = this.#bytes = 0;
    this.deadline = Infinity;
  }
}
