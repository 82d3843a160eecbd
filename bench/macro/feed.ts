import type { Connection } from '../compare/adapter.ts';
import { readingOf } from '../compare/reading.ts';
import { Sequence, type Workload } from './workload.ts';

/** Messages per request of the client, so that no library can run away from its receiver. */
const window = 1_000;
/** Messages in one tick. */
const burst = 100;

/** Server to client, many in one tick. */
export const feed: Workload = {
  start: 4_000,
  step: window,
  connections: 1,
  serve: () => ({
    received({ n: first }, from) {
      let n = first;
      const tick = (): void => {
        for (const last = n + burst; n < last; n += 1) from.push(readingOf(n));
        if (n < first + window) setImmediate(tick);
      };
      tick();
    },
  }),
  async run(client, count) {
    const [connection] = client.connections as [Connection];
    const sequence = new Sequence();
    await new Promise<void>((resolve) => {
      client.onPush(({ n }) => {
        sequence.take(n);
        if (sequence.next % window !== 0) return;
        if (sequence.next === count) resolve();
        else connection.send(readingOf(sequence.next));
      });
      connection.send(readingOf(0));
    });
  },
};
