/** How often a pacer looks at the clock, milliseconds; several messages leave at each look. */
const tick = 5;

/**
 * Calls `produce` so often that it ran `perSecond` times in each second since the start, whatever the event loop did
 * meanwhile; returns the function that stops.
 */
export function pace(perSecond: number, produce: () => void): () => void {
  const started = performance.now();
  let made = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - started) * perSecond) / 1_000);
    for (; made < due; made += 1) produce();
  }, tick);
  return () => clearInterval(timer);
}
