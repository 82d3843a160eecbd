import type { Connection } from '../compare/adapter.ts';
import { readingOf } from '../compare/reading.ts';
import { Sequence, type ClientHalf, type Workload } from './workload.ts';

/** Messages between two signs of life of the server, so that no library can run away from its receiver. */
const window = 1_000;
/** Messages in one tick. */
const burst = 100;

/** Client to server, many in one tick. */
export const messages: Workload = {
  start: 4_000,
  step: window,
  connections: 1,
  serve: countAndSignal,
  async run(client, count) {
    const [connection] = client.connections as [Connection];
    await inWindows(client, count, (first, done) => {
      let n = first;
      const tick = (): void => {
        for (const last = n + burst; n < last; n += 1) connection.send(readingOf(n));
        if (n < first + window) setImmediate(tick);
        else done();
      };
      tick();
    });
  },
};

/** Client to server, each in a turn of the event loop of its own: nothing to batch. */
export const messagesOnePerTick: Workload = {
  start: 4_000,
  step: window,
  connections: 1,
  serve: countAndSignal,
  async run(client, count) {
    const [connection] = client.connections as [Connection];
    await inWindows(client, count, (first, done) => {
      let n = first;
      const tick = (): void => {
        connection.send(readingOf(n));
        n += 1;
        if (n < first + window) setImmediate(tick);
        else done();
      };
      setImmediate(tick);
    });
  },
};

function countAndSignal(): ReturnType<Workload['serve']> {
  const sequence = new Sequence();
  return {
    received({ n }, from) {
      sequence.take(n);
      if (sequence.next % window === 0) from.push(readingOf(n));
    },
  };
}

async function inWindows(
  client: ClientHalf,
  count: number,
  sendWindow: (first: number, done: () => void) => void,
): Promise<void> {
  let signalled: (() => void) | undefined;
  client.onPush(() => signalled?.());
  for (let first = 0; first < count; first += window) {
    const signal = new Promise<void>((resolve) => (signalled = resolve));
    await new Promise<void>((resolve) => sendWindow(first, resolve));
    await signal;
  }
}
