import { WebSocket, WebSocketServer } from 'ws';
import type { Adapter, Application, ConnectOptions, Connection, Items, ServeOptions, Serving } from './adapter.ts';
import { listen } from './listen.ts';
import { rawClient } from './raw-client.ts';
import type { Reading } from './reading.ts';
import { TopicSets } from './topic-sets.ts';

type Handler = (data: unknown, id: number) => void;

/**
 * The floor: `ws` on both ends, `JSON.stringify` and `JSON.parse`, a Map of handlers, one message per frame; no
 * reconnecting, no validation, no numbering, and a heartbeat only where it is asked for.
 */
export const rawWs: Adapter = { serve, connect };

/** Also serves clients of other libraries that speak the same plain JSON. */
export async function serve(app: Application, options: ServeOptions = {}): Promise<Serving> {
  const { http, port } = await listen(undefined, options.port);
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  const topics = new TopicSets<WebSocket>();
  server.on('connection', (socket) => {
    const write = (message: unknown): void => socket.send(JSON.stringify(message));
    const caller = { push: (reading: Reading) => write(['reading', reading]) };
    const handlers = new Map<string, Handler>([
      ['reading', (data) => app.received(data as Reading, caller)],
      ['ask', (data, id) => write(['answer', app.answer(data as Reading), id])],
      ['items', (data, id) => void sendItems(app.items(data as Reading), id, write)],
      [
        'subscribe',
        (topic, id) => {
          topics.add(topic as string, socket);
          write(['subscribed', topic, id]);
        },
      ],
    ]);
    socket.on('message', (bytes: Buffer) => {
      const [name, data, id] = JSON.parse(bytes.toString()) as [string, unknown, number];
      handlers.get(name)?.(data, id);
    });
    socket.on('close', () => topics.remove(socket));
  });
  const every = options.heartbeatEvery;
  const timer = every === undefined ? undefined : setInterval(heartbeat(server), every);
  const tell = (sockets: Iterable<WebSocket>, reading: Reading): void => {
    const text = JSON.stringify(['reading', reading]);
    for (const socket of sockets) socket.send(text);
  };
  return {
    port,
    broadcast: (reading) => tell(server.clients, reading),
    publish: (topic, reading) => tell(topics.of(topic), reading),
    async close() {
      clearInterval(timer);
      for (const socket of server.clients) socket.terminate();
      server.close();
      http.close();
    },
  };
}

/** Sends what a stream yields, one item per frame, however fast it is read. */
export async function sendItems(items: Items, id: number, write: (message: unknown) => void): Promise<void> {
  if (Symbol.asyncIterator in items) for await (const item of items) write(['item', item, id]);
  else for (const item of items) write(['item', item, id]);
  write(['end', null, id]);
}

/** A ping for everybody; who has not answered the last one is cut off. */
function heartbeat(server: WebSocketServer): () => void {
  const silent = new Set<WebSocket>();
  server.on('connection', (socket) => {
    socket.on('pong', () => silent.delete(socket));
    socket.on('close', () => silent.delete(socket));
  });
  return () => {
    for (const socket of server.clients) {
      if (silent.has(socket)) socket.terminate();
      silent.add(socket);
      socket.ping();
    }
  };
}

async function connect(
  port: number,
  pushed: (reading: Reading) => void,
  { from }: ConnectOptions = {},
): Promise<Connection> {
  const source = from === undefined ? {} : { localAddress: from };
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false, ...source });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const { connection, read } = rawClient(
    (message) => socket.send(JSON.stringify(message)),
    pushed,
    () => socket.terminate(),
  );
  socket.on('message', (data: Buffer) => read(data.toString()));
  return connection;
}
