/** Bounds of what one end of a session keeps to send. Sizes in bytes. */
export interface SendLimits {
  /** Items not yet transmitted; also uploads that wait for their turn. @defaultValue 10_000 */
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

/**
 * Limits of a session that shares some of them with others of its process. They may then move: each is read anew for every
 * item.
 */
export interface SharedLimits extends SendLimits {
  /**
   * Asked once per item before it is transmitted, without `bytes`: whether it must wait; whoever says so has the session
   * asked again later. Asked with the size of an item that was not taken: what is full, when it is not this session.
   */
  readonly congested?: ((bytes?: number) => SharedRoom | undefined) | undefined;
}

/** What many sessions keep together, bytes. */
export interface SharedRoom {
  /** Queued and kept for replay now. */
  readonly keptBytes: number;
  /** The bound of that. */
  readonly memory: number;
}
