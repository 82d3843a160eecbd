import { SendBuffer } from './send-buffer.ts';
import type { SendLimits } from './send-limits.ts';

/** What to do with a sequenced frame. */
export type Verdict = 'deliver' | 'duplicate' | 'gap';

/**
 * Numbered delivery across connections, one end of it; `protocol/README.md` section 3.
 *
 * The caller feeds numbers and acks of incoming packets, takes items to transmit from {@link Session.outbound}, and says
 * when a connection begins and how it ended. The counters are for reading.
 */
export class Session {
  readonly outbound: SendBuffer;
  /** Highest contiguous number accepted from the peer. */
  received = 0;
  /** Frames dropped because they had been accepted before. */
  duplicates = 0;
  /** First unacknowledged number at the last close as too big. */
  #suspect = 0;

  constructor(limits: SendLimits) {
    this.outbound = new SendBuffer(limits);
  }

  /** Judges the number of an incoming sequenced frame, and moves on when it is the expected one (rule 6). */
  accept(seq: number): Verdict {
    const expected = this.received + 1;
    if (seq > expected) return 'gap';
    if (seq < expected) {
      this.duplicates += 1;
      return 'duplicate';
    }
    this.received = seq;
    return 'deliver';
  }

  /** Takes an ack; false when it names a number never sent. Older acks than the last are ignored. */
  acknowledge(ack: number): boolean {
    const freed = this.outbound.acknowledge(ack);
    if (freed > 0) this.#suspect = 0;
    return freed >= 0;
  }

  /** Whether a peer that has received up to here could go on. */
  canResume(peerReceived: number): boolean {
    const { firstSeq, lastSeq } = this.outbound;
    return peerReceived >= firstSeq - 1 && peerReceived <= lastSeq;
  }

  /** A connection begins: replays from the peer's position (rule 1); false when that is impossible. */
  resume(peerReceived: number): boolean {
    const possible = this.canResume(peerReceived);
    if (possible) {
      this.acknowledge(peerReceived);
      this.outbound.rewind();
    }
    return possible;
  }

  /**
   * The peer or something between closed the connection as too big (1009).
   *
   * @returns true on the second time in a row without progress past the same message: sending it again would close the
   * link for ever (rule 12)
   */
  closedTooBig(): boolean {
    const { firstSeq, replayCount } = this.outbound;
    const poisoned = this.#suspect === firstSeq;
    this.#suspect = replayCount > 0 ? firstSeq : 0;
    return poisoned && replayCount > 0;
  }
}
