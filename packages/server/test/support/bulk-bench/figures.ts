/** What the client's process is told. */
export interface ClientTask {
  /** Port of the proxy. */
  readonly port: number;
  /** Bytes to upload. */
  readonly size: number;
}

/** What the client's process measured. Milliseconds unless it says otherwise. */
export interface ClientFigures {
  readonly seconds: number;
  readonly bytesPerSecond: number;
  /** Whether size and hash were right. */
  readonly intact: boolean;
  /** Bytes of chunks that left more than once. */
  readonly sentAgain: number;
  /** Slowest round trip of a ping. */
  readonly heartbeat: number;
  /** Sessions lost. */
  readonly lost: number;
  /** Each small message, client to server. */
  readonly up: readonly number[];
  /** Each small message, server to client. */
  readonly down: readonly number[];
}

/** What one run shows. */
export interface RunFigures extends ClientFigures {
  readonly cuts: number;
}

/** The value below which this share of the sample lies. */
export function quantile(sample: readonly number[], share: number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
