import type { Profiler } from 'node:inspector';

/** By area: a share of the time, or microseconds. */
export type Areas = Readonly<Record<string, number>>;

/** Where one function belongs; `undefined` when its time does not count. */
export type AreaOf = (frame: Profiler.Profile['nodes'][number]['callFrame']) => string | undefined;

/** What share of the samples fell on each area; together 1. */
export function sharesOf({ nodes }: Pick<Profiler.Profile, 'nodes'>, areaOf: AreaOf): Areas {
  const hits: Record<string, number> = {};
  let all = 0;
  for (const { callFrame, hitCount = 0 } of nodes) {
    const area = areaOf(callFrame);
    if (area === undefined || hitCount === 0) continue;
    hits[area] = (hits[area] ?? 0) + hitCount;
    all += hitCount;
  }
  return Object.fromEntries(Object.entries(hits).map(([area, count]) => [area, count / all]));
}

/** So much of each area, added to what there is. */
export function plus(areas: Areas, more: Areas, factor: number): Areas {
  const sum = { ...areas };
  for (const [area, share] of Object.entries(more)) sum[area] = (sum[area] ?? 0) + share * factor;
  return sum;
}
