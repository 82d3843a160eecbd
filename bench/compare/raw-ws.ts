import { WebSocket, WebSocketServer } from 'ws';
import type { Adapter, Application, Connection, Serving } from './adapter.ts';
import { listen } from './listen.ts';
import { rawClient } from './raw-client.ts';
import type { Reading } from './reading.ts';

type Handler = (data: unknown, id: number) => void;

/**
 * The floor: `ws` on both ends, `JSON.stringify` and `JSON.parse`, a Map of handlers, one message per frame; no
 * reconnecting, no validation, no numbering, no heartbeat.
 */
export const rawWs: Adapter = { serve, connect };

/** Also serves clients of other libraries that speak the same plain JSON. */
export async function serve(app: Application): Promise<Serving> {
  const { http, port } = await listen();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  server.on('connection', (socket) => {
    const caller = { push: (reading: Reading) => socket.send(JSON.stringify(['reading', reading])) };
    const handlers = new Map<string, Handler>([
      ['reading', (data) => app.received(data as Reading, caller)],
      ['ask', (data, id) => socket.send(JSON.stringify(['answer', app.answer(data as Reading), id]))],
    ]);
    socket.on('message', (bytes: Buffer) => {
      const [name, data, id] = JSON.parse(bytes.toString()) as [string, unknown, number];
      handlers.get(name)?.(data, id);
    });
  });
  return {
    port,
    broadcast(reading) {
      const text = JSON.stringify(['reading', reading]);
      for (const socket of server.clients) socket.send(text);
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
  const { connection, read } = rawClient(
    (message) => socket.send(JSON.stringify(message)),
    pushed,
    () => socket.terminate(),
  );
  socket.on('message', (data: Buffer) => read(data.toString()));
  return connection;
}
