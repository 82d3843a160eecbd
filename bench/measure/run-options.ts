/** How an experiment is run. */
export interface RunOptions {
  readonly rounds: number;
  /** Whether other libraries take part. */
  readonly peers: boolean;
}
