import ReconnectingWebSocket from 'partysocket/ws';
import { WebSocket } from 'ws';
import type { Adapter } from './adapter.ts';
import { rawClient } from './raw-client.ts';
import { serve } from './raw-ws.ts';

/** A client that reconnects; the server is the floor's. */
export const partysocket: Adapter = {
  serve,
  async connect(port, pushed) {
    const socket = new ReconnectingWebSocket(`ws://127.0.0.1:${port}`, [], { WebSocket });
    const { connection, read } = rawClient(
      (message) => socket.send(JSON.stringify(message)),
      pushed,
      () => socket.close(),
    );
    socket.addEventListener('message', ({ data }) => read(data as string));
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    return connection;
  },
};
