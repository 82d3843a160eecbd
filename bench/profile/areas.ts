import type { Profiler } from 'node:inspector';

/** By area: a share of the time, or microseconds. */
export type Areas = Readonly<Record<string, number>>;

/** What is done between two turns of JavaScript: reading, waiting, the event loop. */
const outside = 'kernel and libuv between turns';

/** Where one function belongs; `undefined` when its time does not count. */
export type AreaOf = (frame: Profiler.Profile['nodes'][number]['callFrame']) => string | undefined;

/** What share of all samples fell on each area. @throws Error when there are none */
export function sharesOf({ nodes }: Pick<Profiler.Profile, 'nodes'>, areaOf: AreaOf): Areas {
  const hits: Record<string, number> = {};
  let all = 0;
  for (const { callFrame, hitCount = 0 } of nodes) {
    all += hitCount;
    const area = areaOf(callFrame);
    if (area !== undefined && hitCount > 0) hits[area] = (hits[area] ?? 0) + hitCount;
  }
  if (all === 0) throw new Error('the profiler took no samples');
  return Object.fromEntries(Object.entries(hits).map(([area, count]) => [area, count / all]));
}

/** Of so much time on the clock these shares were in JavaScript; the rest of the CPU time was not. */
export function divided(shares: Areas, wall: number, cpu: number): Areas {
  const inside = plus({}, shares, wall);
  const sum = Object.values(inside).reduce((before, time) => before + time, 0);
  // A thread that is interrupted in a function is sampled there, though it uses no CPU.
  return sum > cpu ? plus({}, inside, cpu / sum) : { ...inside, [outside]: cpu - sum };
}

/** So much of each area, added to what there is. */
export function plus(areas: Areas, more: Areas, factor: number): Areas {
  const sum = { ...areas };
  for (const [area, share] of Object.entries(more)) sum[area] = (sum[area] ?? 0) + share * factor;
  return sum;
}
