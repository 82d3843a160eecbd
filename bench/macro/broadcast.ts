import type { Connection } from '../compare/adapter.ts';
import { readingOf } from '../compare/reading.ts';
import { unexpected, type Workload } from './workload.ts';

const recipients = 1_000;

/** One server to 1,000 clients: `together` broadcasts in one tick, `apart` such ticks per request of the client. */
export function broadcast(together: number, apart: number): Workload {
  const window = together * apart;
  return {
    start: window,
    step: window,
    connections: recipients,
    perUnit: recipients,
    needs: 'broadcast',
    serve: (serving) => ({
      received({ n: first }) {
        const server = serving();
        let n = first;
        const tick = (): void => {
          const last = n + together;
          for (; n < last; n += 1) server.broadcast?.(readingOf(n));
          if (n < first + window) setImmediate(tick);
        };
        setImmediate(tick);
      },
      answer: unexpected,
    }),
    async run(client, count) {
      const [connection] = client.connections as [Connection];
      const seen = new Map<number, number>();
      let whole = 0;
      await new Promise<void>((resolve) => {
        client.onPush(({ n }) => {
          const times = (seen.get(n) ?? 0) + 1;
          seen.set(n, times);
          if (times !== recipients) return;
          seen.delete(n);
          whole += 1;
          if (whole % window !== 0) return;
          if (whole === count) resolve();
          else connection.send(readingOf(whole));
        });
        connection.send(readingOf(0));
      });
      if (seen.size > 0) throw new Error('a broadcast reached somebody twice');
    },
  };
}
