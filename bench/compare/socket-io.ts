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
      socket.on('items', async (reading: Reading, ended: () => void) => {
        for await (const item of app.items(reading)) socket.emit('item', item);
        ended();
      });
      socket.on('subscribe', async (topic: string, joined: () => void) => {
        await socket.join(topic);
        joined();
      });
      socket.on('ask', (reading: Reading, answer: (reading: Reading) => void) => answer(app.answer(reading)));
    });
    return {
      port,
      broadcast: (reading) => server.emit('reading', reading),
      publish: (topic, reading) => server.to(topic).emit('reading', reading),
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
      // It has no streams: one event for each item, and an answer at the end.
      async read(reading, taken) {
        socket.on('item', taken);
        await new Promise<void>((resolve) => socket.emit('items', reading, resolve));
        socket.off('item', taken);
      },
      subscribe: (topic) => new Promise((resolve) => socket.emit('subscribe', topic, resolve)),
      call: (reading) => new Promise((resolve) => socket.emit('ask', reading, resolve)),
      close: () => socket.disconnect(),
    };
  },
};
