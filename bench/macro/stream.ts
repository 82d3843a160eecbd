import type { Connection, Items } from '../compare/adapter.ts';
import { readingOf } from '../compare/reading.ts';
import { Sequence, type Workload } from './workload.ts';

/** Items of one stream, so that no library can run away from its reader. */
const length = 1_000;

/** One stream after the other, each read to its end, from a source that has everything at hand. */
export const stream: Workload = readStreams(function* (first) {
  for (let n = first; n < first + length; n += 1) yield readingOf(n);
});

/** The same from an async generator: between two items is a turn of the microtask queue. */
export const asyncStream: Workload = readStreams(async function* (first) {
  for (let n = first; n < first + length; n += 1) yield readingOf(n);
});

function readStreams(source: (first: number) => Items): Workload {
  return {
    start: 4_000,
    step: length,
    connections: 1,
    serve: () => ({ items: ({ n }) => source(n) }),
    async run(client, count) {
      const [connection] = client.connections as [Required<Connection>];
      const sequence = new Sequence();
      while (sequence.next < count) {
        const end = sequence.next + length;
        await connection.read(readingOf(sequence.next), ({ n }) => sequence.take(n));
        if (sequence.next !== end) throw new Error(`a stream ended after ${sequence.next} items instead of ${end}`);
      }
      return { arrived: count };
    },
  };
}
