/** A workload whose ratio may not grow by much. */
export interface Guarded {
  readonly name: string;
  /** × the batched floor, when it was last recorded. */
  readonly baseline: number;
  /** × the batched floor, now. */
  readonly measured: number;
}

/** A ratio within one run moves by a sixth at most on a busy machine; twice the work doubles it. */
export const margin = 1.4;

/** What got slower by more than noise can. */
export function regressions(guarded: readonly Guarded[]): Guarded[] {
  return guarded.filter(({ baseline, measured }) => measured > baseline * margin);
}
