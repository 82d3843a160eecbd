import type { Connection } from '../compare/adapter.ts';
import { readingOf } from '../compare/reading.ts';
import type { Workload } from './workload.ts';

/** So many calls in flight: each answer lets the next call go. */
export function calls(inflight: number): Workload {
  return {
    start: 2 * inflight,
    step: inflight,
    connections: 1,
    serve: () => ({ answer: (reading) => ({ ...reading, at: reading.at + 1 }) }),
    async run(client, count) {
      const [connection] = client.connections as [Required<Connection>];
      const latencies: number[] = [];
      let next = 0;
      async function lane(): Promise<void> {
        while (next < count) {
          const n = next;
          next += 1;
          const asked = performance.now();
          const answer = await connection.call(readingOf(n));
          if (inflight === 1) latencies.push((performance.now() - asked) * 1_000);
          if (answer.n !== n || answer.at !== 1_790_000_000_001) throw new Error(`call ${n} got another answer`);
        }
      }
      await Promise.all(Array.from({ length: inflight }, lane));
      return { latencies, arrived: count };
    },
  };
}
