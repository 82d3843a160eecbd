/** How a client dials and dials again. All durations in milliseconds. */
export interface RetryPolicy {
  /** Least wait before a retry; the first one after a loss may come sooner. @defaultValue 250 */
  readonly minDelay: number;
  /** Ceiling of the random part of the wait. @defaultValue 30_000 */
  readonly maxDelay: number;
  /** Time for `url`, `auth` and the socket to open. @defaultValue 10_000 */
  readonly connectTimeout: number;
  /** Time from open to welcome. @defaultValue 10_000 */
  readonly welcomeTimeout: number;
  /** How long a link must hold before past failures are forgotten. @defaultValue 5_000 */
  readonly stableAfter: number;
  /**
   * Close after this long without a connection; time offline or asleep counts, a running try may finish, and 0 means a
   * single try. @defaultValue Infinity
   */
  readonly giveUpAfter: number;
}

/** See `protocol/README.md` section 8. */
export const defaultRetryPolicy: RetryPolicy = {
  minDelay: 250,
  maxDelay: 30_000,
  connectTimeout: 10_000,
  welcomeTimeout: 10_000,
  stableAfter: 5_000,
  giveUpAfter: Infinity,
};
