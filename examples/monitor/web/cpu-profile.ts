/** Names for the functions of a made-up program. */
const functions = ['(root)', 'main', 'haul', 'splice', 'coil', 'moor', 'cast off', 'sound', 'reef', 'tack'];
/** Samples written at once. */
const batch = 4_096;

/**
 * Makes up a CPU profile as large as asked, in the format that Chrome's DevTools read.
 *
 * @param size - bytes, at least; it gets a little larger
 */
export function makeCpuProfile(size: number): Blob {
  const nodes = functions.map((functionName, index) => ({
    id: index + 1,
    callFrame: { functionName, scriptId: '1', url: 'made-up.js', lineNumber: index * 10, columnNumber: 0 },
    children: index === functions.length - 1 ? [] : [index + 2],
  }));
  const samples: string[] = [];
  const deltas: string[] = [];
  let written = 0;
  let duration = 0;
  let at = 1;
  while (written < size) {
    const ids = Array.from({ length: batch }, () => {
      at = Math.min(functions.length, Math.max(1, at + Math.floor(Math.random() * 3) - 1));
      return at;
    });
    const times = Array.from({ length: batch }, () => 200 + Math.floor(Math.random() * 700));
    duration = times.reduce((sum, time) => sum + time, duration);
    samples.push(ids.join());
    deltas.push(times.join());
    written += (samples.at(-1)?.length ?? 0) + (deltas.at(-1)?.length ?? 0);
  }
  const head = `{"nodes":${JSON.stringify(nodes)},"startTime":0,"endTime":${duration}`;
  return new Blob([`${head},"samples":[${samples.join()}],"timeDeltas":[${deltas.join()}]}`], {
    type: 'application/json',
  });
}
