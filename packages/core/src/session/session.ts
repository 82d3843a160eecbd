import { SendBuffer, type SendLimits } from './send-buffer.ts';

/** What to do with a sequenced frame. */
export type Verdict = 'deliver' | 'duplicate' | 'gap';

/**
 * Numbered delivery across connections, one end of it; `protocol/README.md` section 3.
 *
 * The caller feeds numbers and acks of incoming packets, takes items to transmit from {@link Session.outbound}, and says
 * when a connection begins and how it ended.
 */
export class Session {
  readonly outbound: SendBuffer;
  #received = 0;
  #duplicates = 0;
  #suspect = 0;

  constructor(limits: SendLimits) {
    this.outbound = new SendBuffer(limits);
  }

  /** Highest contiguous number accepted from the peer. */
  get received(): number {
    return this.#received;
  }

  /** Frames dropped because they had been accepted before. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** Judges the number of an incoming sequenced frame, and moves on when it is the expected one (rule 6). */
  accept(seq: number): Verdict {
    const expected = this.#received + 1;
    if (seq === expected) {
      this.#received = seq;
      return 'deliver';
    }
    if (seq < expected) {
      this.#duplicates += 1;
      return 'duplicate';
    }
    return 'gap';
  }

  /** Takes an ack; false when it names a number never sent. Older acks than the last are ignored. */
  acknowledge(ack: number): boolean {
    const freed = this.outbound.acknowledge(ack);
    if (freed > 0) this.#suspect = 0;
    return freed >= 0;
  }

  /**
   * A connection begins: replays from the peer's position (rule 1).
   *
   * @returns false when the position is impossible: ahead of what was sent, or behind what is still kept
   */
  resume(peerReceived: number): boolean {
    if (peerReceived < this.outbound.firstSeq - 1) return false;
    if (!this.acknowledge(peerReceived)) return false;
    this.outbound.rewind();
    return true;
  }

  /**
   * The peer or something between closed the connection as too big (1009).
   *
   * @returns true on the second time in a row without progress past the same message: sending it again would close the
   * link for ever (rule 12)
   */
  closedTooBig(): boolean {
    const first = this.outbound.firstSeq;
    if (this.outbound.replayCount === 0) return false;
    if (this.#suspect === first) return true;
    this.#suspect = first;
    return false;
  }
}
