import type { Connection } from './adapter.ts';
import type { Reading } from './reading.ts';

/** One stream that is being read. */
interface Open {
  readonly taken: (item: Reading) => void;
  readonly ended: () => void;
}

/** One message of the other end. */
export type Incoming = [name: string, data: Reading, id: number];

/** The least a client of plain JSON arrays needs: a Map of handlers, of calls under way, and of open streams. */
export function rawClient(
  write: (message: unknown) => void,
  pushed: (reading: Reading) => void,
  close: () => void,
): {
  readonly connection: Connection;
  readonly read: (text: string) => void;
  readonly take: (message: Incoming) => void;
} {
  const pending = new Map<number, (reading: Reading) => void>();
  const streams = new Map<number, Open>();
  let lastId = 0;
  const answered = (data: Reading, id: number): void => {
    pending.get(id)?.(data);
    pending.delete(id);
  };
  const handlers = new Map<string, (data: Reading, id: number) => void>([
    ['reading', pushed],
    ['answer', answered],
    ['subscribed', answered],
    ['item', (data, id) => streams.get(id)?.taken(data)],
    [
      'end',
      (_, id) => {
        streams.get(id)?.ended();
        streams.delete(id);
      },
    ],
  ]);
  const call = (name: string, data: unknown): Promise<Reading> =>
    new Promise((resolve) => {
      lastId += 1;
      pending.set(lastId, resolve);
      write([name, data, lastId]);
    });
  const take = ([name, data, id]: Incoming): void => handlers.get(name)?.(data, id);
  return {
    connection: {
      send: (reading) => write(['reading', reading]),
      call: (reading) => call('ask', reading),
      read: (reading, taken) =>
        new Promise((ended) => {
          lastId += 1;
          streams.set(lastId, { taken, ended });
          write(['items', reading, lastId]);
        }),
      subscribe: async (topic) => void (await call('subscribe', topic)),
      close,
    },
    take,
    read: (text) => take(JSON.parse(text) as Incoming),
  };
}
