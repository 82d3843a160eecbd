import type { Connection, Serving } from '../compare/adapter.ts';
import { readingOf, type Reading } from '../compare/reading.ts';
import { Fanned, type Workload } from './workload.ts';

const recipients = 1_000;
const topic = 'boilers';

/** One server to 1,000 clients: `together` broadcasts in one tick, `apart` such ticks per request of the client. */
export function broadcast(together: number, apart: number): Workload {
  return fanOut(together, apart, (serving, reading) => serving.broadcast?.(reading));
}

/** The same to the 1,000 subscribers of a topic. */
export function publish(together: number, apart: number): Workload {
  return { ...fanOut(together, apart, (serving, reading) => serving.publish?.(topic, reading)), topic };
}

function fanOut(together: number, apart: number, tell: (serving: Serving, reading: Reading) => void): Workload {
  const window = together * apart;
  return {
    start: window,
    step: window,
    connections: recipients,
    perUnit: recipients,
    serve: (serving) => ({
      received({ n: first }) {
        const server = serving();
        let n = first;
        const tick = (): void => {
          for (const last = n + together; n < last; n += 1) tell(server, readingOf(n));
          if (n < first + window) setImmediate(tick);
        };
        setImmediate(tick);
      },
    }),
    async run(client, count) {
      const [connection] = client.connections as [Connection];
      const fanned = new Fanned(recipients);
      await new Promise<void>((resolve) => {
        client.onPush(({ n }, at) => {
          fanned.take(n, at);
          if (fanned.arrived % (window * recipients) !== 0) return;
          const whole = fanned.arrived / recipients;
          if (whole === count) resolve();
          else connection.send(readingOf(whole));
        });
        connection.send(readingOf(0));
      });
    },
  };
}
