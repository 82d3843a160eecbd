import { WebSocket, WebSocketServer } from 'ws';
import type { Adapter, Application, Connection, ServeOptions, Serving } from './adapter.ts';
import { listen } from './listen.ts';
import { rawClient } from './raw-client.ts';
import { sendItems } from './raw-ws.ts';
import type { Reading } from './reading.ts';
import { TopicSets } from './topic-sets.ts';

type Handler = (data: unknown, id: number) => void;

/** The floor with everything sent in one tick in one frame: the practical limit for JSON. */
export const rawWsBatched: Adapter = { serve, connect };

async function serve(app: Application, options: ServeOptions = {}): Promise<Serving> {
  const { http, port } = await listen(undefined, options.port);
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  const all = new Set<Batch>();
  const topics = new TopicSets<Batch>();
  server.on('connection', (socket) => {
    const batch = new Batch(socket);
    all.add(batch);
    const write = (message: unknown): void => batch.add(JSON.stringify(message));
    const caller = { push: (reading: Reading) => write(['reading', reading]) };
    const handlers = new Map<string, Handler>([
      ['reading', (data) => app.received(data as Reading, caller)],
      ['ask', (data, id) => write(['answer', app.answer(data as Reading), id])],
      ['items', (data, id) => void sendItems(app.items(data as Reading), id, write)],
      [
        'subscribe',
        (topic, id) => {
          topics.add(topic as string, batch);
          write(['answer', topic, id]);
        },
      ],
    ]);
    socket.on('message', (bytes: Buffer) => {
      for (const [name, data, id] of JSON.parse(bytes.toString()) as [string, unknown, number][]) {
        handlers.get(name)?.(data, id);
      }
    });
    socket.on('close', () => {
      all.delete(batch);
      topics.remove(batch);
    });
  });
  const tell = (batches: Iterable<Batch>, reading: Reading): void => {
    const text = JSON.stringify(['reading', reading]);
    for (const batch of batches) batch.add(text);
  };
  return {
    port,
    broadcast: (reading) => tell(all, reading),
    publish: (topic, reading) => tell(topics.of(topic), reading),
    async close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
      http.close();
    },
  };
}

async function connect(port: number, pushed: (reading: Reading) => void): Promise<Connection> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const batch = new Batch(socket);
  const { connection, take } = rawClient(
    (message) => batch.add(JSON.stringify(message)),
    pushed,
    () => socket.terminate(),
  );
  socket.on('message', (data: Buffer) => {
    for (const message of JSON.parse(data.toString()) as Parameters<typeof take>[0][]) take(message);
  });
  return connection;
}

/** Collects texts until the end of the microtask queue. */
class Batch {
  readonly #socket: WebSocket;
  #texts: string[] = [];

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  add(text: string): void {
    if (this.#texts.push(text) === 1) queueMicrotask(this.#flush);
  }

  readonly #flush = (): void => {
    this.#socket.send(`[${this.#texts.join()}]`);
    this.#texts = [];
  };
}
