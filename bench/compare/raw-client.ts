import type { Connection } from './adapter.ts';
import type { Reading } from './reading.ts';

/** The least a client of plain JSON arrays needs: a Map of handlers, and of calls under way. */
export function rawClient(
  write: (message: unknown) => void,
  pushed: (reading: Reading) => void,
  close: () => void,
): { readonly connection: Connection; readonly read: (text: string) => void } {
  const pending = new Map<number, (reading: Reading) => void>();
  let lastId = 0;
  const handlers = new Map<string, (data: Reading, id: number) => void>([
    ['reading', pushed],
    [
      'answer',
      (data, id) => {
        pending.get(id)?.(data);
        pending.delete(id);
      },
    ],
  ]);
  return {
    connection: {
      send: (reading) => write(['reading', reading]),
      call: (reading) =>
        new Promise((resolve) => {
          lastId += 1;
          pending.set(lastId, resolve);
          write(['ask', reading, lastId]);
        }),
      close,
    },
    read(text) {
      const [name, data, id] = JSON.parse(text) as [string, Reading, number];
      handlers.get(name)?.(data, id);
    },
  };
}
