import { createTRPCClient, createWSClient, wsLink } from '@trpc/client';
import { initTRPC } from '@trpc/server';
import { applyWSSHandler } from '@trpc/server/adapters/ws';
import { WebSocket, WebSocketServer } from 'ws';
import type { Adapter, Application } from './adapter.ts';
import { asyncItems } from './async-items.ts';
import { listen } from './listen.ts';
import { PushQueue } from './push-queue.ts';
import { readingSchema } from './reading.ts';

const t = initTRPC.context<{ queue: PushQueue }>().create();

/** One-way messages are mutations whose answer nobody reads: it has no others. */
function routerOf(app: Application, queues: Set<PushQueue>) {
  return t.router({
    reading: t.procedure.input(readingSchema).mutation(({ input, ctx }) => {
      app.received(input, ctx.queue);
    }),
    ask: t.procedure.input(readingSchema).mutation(({ input }) => app.answer(input)),
    items: t.procedure.input(readingSchema).subscription(({ input }) => asyncItems(app.items(input))),
    feed: t.procedure.subscription(async function* ({ ctx, signal }) {
      queues.add(ctx.queue);
      signal?.addEventListener('abort', () => {
        queues.delete(ctx.queue);
        ctx.queue.end();
      });
      yield* ctx.queue.read();
    }),
  });
}

export const trpc: Adapter = {
  async serve(app) {
    const { http, port } = await listen();
    const server = new WebSocketServer({ server: http, perMessageDeflate: false });
    const queues = new Set<PushQueue>();
    applyWSSHandler({ wss: server, router: routerOf(app, queues), createContext: () => ({ queue: new PushQueue() }) });
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
    const socket = createWSClient({
      url: `ws://127.0.0.1:${port}`,
      WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    });
    const client = createTRPCClient<ReturnType<typeof routerOf>>({ links: [wsLink({ client: socket })] });
    await new Promise<void>((resolve) => {
      client.feed.subscribe(undefined, { onData: pushed, onStarted: () => resolve() });
    });
    return {
      send: (reading) => void client.reading.mutate(reading),
      call: (reading) => client.ask.mutate(reading),
      read: (reading, taken) =>
        new Promise((resolve, reject) => {
          client.items.subscribe(reading, { onData: taken, onComplete: resolve, onError: reject });
        }),
      close: () => void socket.close(),
    };
  },
};
