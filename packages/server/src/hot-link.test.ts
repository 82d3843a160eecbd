import { setImmediate as nextTick } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../test/support/until.ts';
import { alarm, fleet, idleHandlers } from '../test/stage/fleet.ts';
import { Stage } from '../test/stage/stage.ts';
import { createServer } from './create-server.ts';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.strike());

/** Ticks of the event loop, each with one message. */
const ticks = 2_000;

it('packs what is sent tick by tick over a real socket, both ways, and waits with no call', async () => {
  const counts = { sent: 0, received: 0 };
  class Counting extends WebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols);
      this.on('message', () => (counts.received += 1));
    }

    override send(...args: unknown[]): void {
      counts.sent += 1;
      super.send(args[0] as string);
    }
  }
  const server = createServer({ contract: fleet, authenticate: 'none' }).implement(idleHandlers);
  const port = await stage.serve(server);
  const client = stage.client(port, { WebSocket: Counting as never });
  const up: number[] = [];
  const down: string[] = [];
  server.on('heartbeat', ({ battery }) => up.push(battery));
  client.on('alarm', ({ text }) => down.push(text));
  await client.connect();
  const [peer] = server.peers.values();
  for (let n = 0; n < ticks; n += 1) {
    client.send('heartbeat', { battery: n });
    peer?.send('alarm', alarm(`${n}`));
    await nextTick();
  }
  await client.call('whoami');
  // What was sent before a call comes before it.
  expect(up).toHaveLength(ticks);
  await until('all came', () => down.length === ticks);
  expect(up).toEqual(Array.from({ length: ticks }, (_, n) => n));
  expect(down).toEqual(up.map(String));
  expect(counts.sent).toBeLessThan(ticks / 2);
  expect(counts.received).toBeLessThan(ticks / 2);
});
