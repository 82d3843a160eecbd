import { Client, Server } from 'rpc-websockets';
import type { Adapter } from './adapter.ts';
import { listen } from './listen.ts';
import type { Reading } from './reading.ts';

/** JSON-RPC 2.0: messages are notifications, what the server pushes is an event. */
export const rpcWebsockets: Adapter = {
  async serve(app) {
    const { http, port } = await listen();
    const server = new Server({ server: http });
    server.event('reading');
    // Events go to all subscribers; for one client that is the same.
    const broadcast = (reading: Reading): void => void server.emit('reading', reading);
    const caller = { push: broadcast };
    server.register('reading', (params) => app.received(params as unknown as Reading, caller));
    server.register('ask', (params) => app.answer(params as unknown as Reading));
    return {
      port,
      broadcast,
      async close() {
        await server.close();
        http.close();
      },
    };
  },
  async connect(port, pushed) {
    const client = new Client(`ws://127.0.0.1:${port}`);
    await new Promise<void>((resolve) => client.on('open', () => resolve()));
    client.on('reading', (reading: Reading | readonly [Reading]) => {
      pushed(Array.isArray(reading) ? (reading[0] as Reading) : (reading as Reading));
    });
    await client.subscribe('reading');
    return {
      send: (reading) => void client.notify('reading', reading),
      call: (reading) => client.call('ask', reading) as Promise<Reading>,
      close: () => client.close(),
    };
  },
};
