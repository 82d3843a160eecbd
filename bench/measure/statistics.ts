/** Middle and spread of some figures. */
export interface Summary {
  readonly median: number;
  /** First and third quartile. */
  readonly low: number;
  readonly high: number;
}

/** The value below which the share `q` of the figures lies, interpolated. @throws RangeError without figures */
export function quantile(figures: readonly number[], q: number): number {
  if (figures.length === 0) throw new RangeError('no figures');
  const sorted = figures.toSorted((a, b) => a - b);
  const place = q * (sorted.length - 1);
  const below = sorted[Math.floor(place)] as number;
  const above = sorted[Math.ceil(place)] as number;
  return below + (above - below) * (place - Math.floor(place));
}

export function summarize(figures: readonly number[]): Summary {
  return { median: quantile(figures, 0.5), low: quantile(figures, 0.25), high: quantile(figures, 0.75) };
}

/** Each figure divided by its neighbour's of the same round: what disturbs one round disturbs both. */
export function ratios(figures: readonly number[], floor: readonly number[]): number[] {
  if (figures.length !== floor.length) throw new RangeError('rounds without a partner');
  return figures.map((figure, i) => figure / (floor[i] as number));
}
