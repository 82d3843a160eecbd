import type { Metric, Sample, Thresholds } from './contract.ts';

/** How a metric is shown and what limits it may have. */
export interface MetricInfo {
  readonly label: string;
  /** Unit of values and limits. */
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  /** The value a limit is compared with; `undefined` while the platform does not tell. */
  readonly read: (sample: Sample) => number | undefined;
}

/** Every metric, in the order it is shown. */
export const metrics: Readonly<Record<Metric, MetricInfo>> = {
  cpu: { label: 'CPU', unit: '%', min: 1, max: 100, read: (sample) => sample.cpu },
  memory: {
    label: 'Memory',
    unit: '%',
    min: 1,
    max: 100,
    read: ({ memory }) => (memory.used / memory.total) * 100,
  },
  loop: { label: 'Event loop', unit: 'ms', min: 1, max: 10_000, read: ({ loop }) => loop.max },
  network: {
    label: 'Network',
    unit: 'kB/s',
    min: 1,
    max: 10_000_000,
    read: ({ network }) => (network ? (network.received + network.sent) / 1000 : undefined),
  },
};

/** The metrics' names, typed. */
export const metricNames = Object.keys(metrics) as readonly Metric[];

/** Limits a fresh service starts with. */
export const defaultThresholds: Thresholds = { cpu: 85, memory: 90, loop: 100, network: null };
