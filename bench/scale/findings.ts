import type { Curve } from '../measure/curve.ts';
import type { Outcome } from '../measure/outcome.ts';

/** What one part of the scale bench found out. */
export interface Findings {
  readonly outcomes: readonly Outcome[];
  readonly curves: readonly Curve[];
}
