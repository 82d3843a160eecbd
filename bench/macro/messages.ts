import type { Connection } from '../compare/adapter.ts';
import { readingOf, type Reading } from '../compare/reading.ts';
import { Sequence, type ClientHalf, type Workload } from './workload.ts';

/** Messages between two signs of life of the server, so that no library can run away from its receiver. */
const fullWindow = 1_000;
/** Messages in one tick. */
const burst = 100;
/** Of large messages only so many bytes are on the way at once, but four of them whatever they take. */
const windowBytes = 262_144;

/** Client to server, many in one tick. */
export const messages: Workload = bursts(fullWindow, readingOf);

/** The same with messages of so many bytes as JSON. */
export function sizedMessages(bytes: number): Workload {
  const note = 'x'.repeat(bytes - JSON.stringify({ ...readingOf(0), note: '' }).length);
  const window = Math.min(fullWindow, Math.max(4, Math.floor(windowBytes / bytes)));
  return bursts(window, (n) => ({ ...readingOf(n), note }));
}

/** Client to server, each in a turn of the event loop of its own: nothing to batch. */
export const messagesOnePerTick: Workload = {
  start: 4_000,
  step: fullWindow,
  connections: 1,
  serve: () => countAndSignal(fullWindow, readingOf(0).note.length),
  async run(client, count) {
    const [connection] = client.connections as [Connection];
    await inWindows(client, count, fullWindow, (first, done) => {
      let n = first;
      const tick = (): void => {
        connection.send(readingOf(n));
        n += 1;
        if (n < first + fullWindow) setImmediate(tick);
        else done();
      };
      setImmediate(tick);
    });
  },
};

function bursts(window: number, make: (n: number) => Reading): Workload {
  return {
    start: 4 * window,
    step: window,
    connections: 1,
    serve: () => countAndSignal(window, make(0).note.length),
    async run(client, count) {
      const [connection] = client.connections as [Connection];
      await inWindows(client, count, window, (first, done) => {
        let n = first;
        const tick = (): void => {
          for (const last = Math.min(n + burst, first + window); n < last; n += 1) connection.send(make(n));
          if (n < first + window) setImmediate(tick);
          else done();
        };
        tick();
      });
    },
  };
}

/** @param length - of the note of every message, which must have come whole */
function countAndSignal(window: number, length: number): ReturnType<Workload['serve']> {
  const sequence = new Sequence();
  return {
    received({ n, note }, from) {
      sequence.take(n);
      if (note.length !== length) throw new Error(`number ${n} came with ${note.length} of ${length} characters`);
      if (sequence.next % window === 0) from.push(readingOf(n));
    },
  };
}

async function inWindows(
  client: ClientHalf,
  count: number,
  window: number,
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
