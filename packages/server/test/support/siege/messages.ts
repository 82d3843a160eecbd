/** What a test asks of the attacked process. */
export type VictimOrder = { readonly type: 'dial'; readonly url: string } | { readonly type: 'measure' };

/** How the attacked process is. */
export interface VictimMeasure {
  /** Heap and external memory after a collection, bytes. */
  readonly kept: number;
  /** Bytes now, and at most so far. */
  readonly rss: number;
  readonly peakRss: number;
  /** Handlers that run, and at most since the last measure. */
  readonly running: number;
  readonly most: number;
  /** Times a handler was given what does not match the contract. */
  readonly unchecked: number;
  /** Uncaught errors, unhandled rejections, warnings. */
  readonly faults: readonly string[];
  /** Of its client. */
  readonly status: string | undefined;
  /** Values its client got of a topic. */
  readonly heard: number;
  /** Of its server. */
  readonly sessions: number;
}

/** What the attacked process tells. */
export type VictimReport =
  | { readonly type: 'ready'; readonly port: number }
  | ({ readonly type: 'measured' } & VictimMeasure);
