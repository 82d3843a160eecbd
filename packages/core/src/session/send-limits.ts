/** Bounds of what one end of a session keeps to send. Sizes in bytes. */
export interface SendLimits {
  /** Items not yet transmitted. @defaultValue 10_000 */
  readonly queueCount: number;
  /** Bytes not yet transmitted. @defaultValue 1_048_576 */
  readonly queueBytes: number;
  /** Items transmitted and not acknowledged. @defaultValue 10_000 */
  readonly replayCount: number;
  /** Bytes transmitted and not acknowledged. @defaultValue 1_048_576 */
  readonly replayBytes: number;
  /** Bytes of messages over 64 KiB that are not acknowledged yet, and of what waits behind them. @defaultValue 33_554_432 */
  readonly largeBytes: number;
}
