import { WebSocket, WebSocketServer } from 'ws';
import type { Adapter, Application, Connection, Serving } from './adapter.ts';
import { listen } from './listen.ts';
import type { Reading } from './reading.ts';

type Handler = (data: unknown, id: number) => void;

/** The floor with everything sent in one tick in one frame: the practical limit for JSON. */
export const rawWsBatched: Adapter = { serve, connect };

async function serve(app: Application): Promise<Serving> {
  const { http, port } = await listen();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  const all = new Set<Batch>();
  server.on('connection', (socket) => {
    const batch = new Batch(socket);
    all.add(batch);
    const caller = { push: (reading: Reading) => batch.add(JSON.stringify(['reading', reading])) };
    const handlers = new Map<string, Handler>([
      ['reading', (data) => app.received(data as Reading, caller)],
      ['ask', (data, id) => batch.add(JSON.stringify(['answer', app.answer(data as Reading), id]))],
    ]);
    socket.on('message', (data: Buffer) => dispatch(handlers, data));
    socket.on('close', () => all.delete(batch));
  });
  return {
    port,
    broadcast(reading) {
      const text = JSON.stringify(['reading', reading]);
      for (const batch of all) batch.add(text);
    },
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
  const pending = new Map<number, (reading: Reading) => void>();
  let lastId = 0;
  const handlers = new Map<string, Handler>([
    ['reading', (data) => pushed(data as Reading)],
    [
      'answer',
      (data, id) => {
        pending.get(id)?.(data as Reading);
        pending.delete(id);
      },
    ],
  ]);
  socket.on('message', (data: Buffer) => dispatch(handlers, data));
  return {
    send: (reading) => batch.add(JSON.stringify(['reading', reading])),
    call: (reading) =>
      new Promise((resolve) => {
        lastId += 1;
        pending.set(lastId, resolve);
        batch.add(JSON.stringify(['ask', reading, lastId]));
      }),
    close: () => socket.terminate(),
  };
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

function dispatch(handlers: Map<string, Handler>, bytes: Buffer): void {
  for (const [name, data, id] of JSON.parse(bytes.toString()) as [string, unknown, number][]) {
    handlers.get(name)?.(data, id);
  }
}
