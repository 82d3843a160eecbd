import type { Connection } from '../compare/adapter.ts';
import { readingOf } from '../compare/reading.ts';
import { Sequence, type Workload } from './workload.ts';

/** Messages per second. */
const rate = 10_000;

/** Milliseconds of a clock that all processes of this machine share. */
function wallClock(): number {
  return performance.timeOrigin + performance.now();
}

/** Server to client at a fixed rate, each message in a turn of the event loop of its own; how late they arrive. */
export const paced: Workload = {
  start: rate,
  step: rate,
  connections: 1,
  serve: () => ({
    received({ n: count }, from) {
      const began = performance.now();
      let n = 0;
      const tick = (): void => {
        if ((performance.now() - began) * rate >= n * 1_000) {
          from.push({ ...readingOf(n), at: wallClock() });
          n += 1;
        }
        if (n < count) setImmediate(tick);
      };
      tick();
    },
  }),
  async run(client, count) {
    const [connection] = client.connections as [Connection];
    const sequence = new Sequence();
    const latencies: number[] = [];
    await new Promise<void>((resolve) => {
      client.onPush(({ n, at }) => {
        sequence.take(n);
        latencies.push((wallClock() - at) * 1_000);
        if (sequence.next === count) resolve();
      });
      connection.send(readingOf(count));
    });
    return { latencies };
  },
};
