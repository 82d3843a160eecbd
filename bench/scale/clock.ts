/** Milliseconds of a clock that all processes of this machine share. */
export function wallClock(): number {
  return performance.timeOrigin + performance.now();
}

/** What a process holds once nothing can be collected any more, bytes. */
export interface Memory {
  readonly heap: number;
  /** Resident, with everything outside the heap. */
  readonly rss: number;
}
