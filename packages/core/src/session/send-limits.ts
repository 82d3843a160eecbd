/** Bounds of what one end of a session keeps to send. Sizes in bytes. */
export interface SendLimits {
  /** Items not yet transmitted. */
  readonly queueCount: number;
  /** Bytes not yet transmitted. */
  readonly queueBytes: number;
  /** Items transmitted and not acknowledged. */
  readonly replayCount: number;
  /** Bytes transmitted and not acknowledged. */
  readonly replayBytes: number;
}
