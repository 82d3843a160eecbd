import { explain } from '../shared/explain.ts';
import { WireError } from '../wire/wire-error.ts';
import { SendBuffer } from './send-buffer.ts';

/** When an ack must leave although nothing else does: packets, bytes, milliseconds; protocol section 3, rule 7. */
const limits = { packets: 16, bytes: 32_768, delay: 1_000 };

/**
 * Numbered delivery across connections, one end of it; `protocol/README.md` section 3.
 *
 * What this end sends is in the {@link SendBuffer}; this adds what it received. The caller feeds numbers of incoming
 * packets, and says when a connection begins and how it ended.
 */
export class Session extends SendBuffer {
  /** Highest contiguous number accepted from the peer; for reading. */
  received = 0;
  /** When an ack must leave at the latest; `Infinity` when none is owed. For reading. */
  ackAt: number = Infinity;
  #packets = 0;
  #bytes = 0;

  /**
   * Judges the number of an incoming sequenced frame (rule 6), and moves on when it is the expected one; false for a
   * duplicate.
   *
   * @throws WireError 4540 on a gap
   */
  accept(seq: number): boolean {
    const expected = this.received + 1;
    if (seq > expected) throw new WireError(4540, explain ? `a gap before number ${seq}` : '');
    if (seq === expected) this.received = seq;
    return seq === expected;
  }

  /** A packet with sequenced frames came in: an ack is owed. */
  oweAck(bytes: number, now: number): void {
    this.#packets += 1;
    this.#bytes += bytes;
    const due = this.#packets >= limits.packets || this.#bytes >= limits.bytes;
    this.ackAt = Math.min(this.ackAt, due ? now : now + limits.delay);
  }

  /** An ack left, or the connection is a new one whose handshake carried it. */
  ackSent(): void {
    this.#packets = this.#bytes = 0;
    this.ackAt = Infinity;
  }
}
