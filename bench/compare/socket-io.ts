import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import type { Adapter } from './adapter.ts';
import { listen } from './listen.ts';
import type { Reading } from './reading.ts';

export const socketIo: Adapter = {
  async serve(app) {
    const { http, port } = await listen();
    const server = new Server(http, { transports: ['websocket'], serveClient: false });
    server.on('connection', (socket) => {
      const caller = { push: (reading: Reading) => socket.emit('reading', reading) };
      socket.on('reading', (reading: Reading) => app.received(reading, caller));
      socket.on('ask', (reading: Reading, answer: (reading: Reading) => void) => answer(app.answer(reading)));
    });
    return {
      port,
      broadcast: (reading) => server.emit('reading', reading),
      close: async () => {
        await server.close();
      },
    };
  },
  async connect(port, pushed) {
    const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true });
    socket.on('reading', pushed);
    await new Promise<void>((resolve) => socket.on('connect', resolve));
    return {
      send: (reading) => socket.emit('reading', reading),
      call: (reading) => new Promise((resolve) => socket.emit('ask', reading, resolve)),
      close: () => socket.disconnect(),
    };
  },
};
