import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { os, type RouterClient } from '@orpc/server';
import { RPCHandler } from '@orpc/server/ws';
import { WebSocket, WebSocketServer } from 'ws';
import type { Adapter, Application } from './adapter.ts';
import { asyncItems } from './async-items.ts';
import { listen } from './listen.ts';
import { PushQueue } from './push-queue.ts';
import { readingSchema } from './reading.ts';

const base = os.$context<{ queue: PushQueue }>();

/** One-way messages are calls whose answer nobody reads: it has no others. */
function routerOf(app: Application) {
  return {
    reading: base.input(readingSchema).handler(({ input, context }) => {
      app.received(input, context.queue);
    }),
    ask: base.input(readingSchema).handler(({ input }) => app.answer(input)),
    items: base.input(readingSchema).handler(({ input }) => asyncItems(app.items(input))),
    feed: base.handler(({ context }) => context.queue.read()),
  };
}

export const orpc: Adapter = {
  async serve(app) {
    const { http, port } = await listen();
    const server = new WebSocketServer({ server: http, perMessageDeflate: false });
    const handler = new RPCHandler(routerOf(app));
    const queues = new Set<PushQueue>();
    server.on('connection', (socket) => {
      const queue = new PushQueue();
      queues.add(queue);
      socket.on('close', () => {
        queues.delete(queue);
        queue.end();
      });
      void handler.upgrade(socket, { context: { queue } });
    });
    return {
      port,
      broadcast: (reading) => queues.forEach((queue) => queue.push(reading)),
      async close() {
        for (const socket of server.clients) socket.terminate();
        server.close();
        http.close();
      },
    };
  },
  async connect(port, pushed) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const client: RouterClient<ReturnType<typeof routerOf>> = createORPCClient(
      new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }),
    );
    const feed = await client.feed();
    void (async () => {
      for await (const reading of feed) pushed(reading);
    })().catch(() => undefined);
    return {
      send: (reading) => void client.reading(reading),
      call: (reading) => client.ask(reading),
      async read(reading, taken) {
        for await (const item of await client.items(reading)) taken(item);
      },
      close: () => socket.terminate(),
    };
  },
};
