import { createClient } from '@hawser/core';
import { io } from 'socket.io-client';
import type { Adapter, Connection } from '../compare/adapter.ts';
import { contract, validated } from '../compare/hawser-contract.ts';
import { rawClient } from '../compare/raw-client.ts';
import type { Reading } from '../compare/reading.ts';

/** The client's half of an adapter, for pages. */
export type PageClient = Pick<Adapter, 'connect' | 'validated'>;

/** The floor of pages: the browser's own socket, one message per frame. */
async function connectNative(port: number, pushed: (reading: Reading) => void): Promise<Connection> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('close', ({ code }) => reject(new Error(`closed with ${code}`)));
  });
  const { connection, read } = rawClient(
    (message) => socket.send(JSON.stringify(message)),
    pushed,
    () => socket.close(),
  );
  socket.addEventListener('message', ({ data }) => read(data as string));
  return connection;
}

async function connectHawser(port: number, pushed: (reading: Reading) => void): Promise<Connection> {
  const client = createClient({ contract, url: `ws://127.0.0.1:${port}` });
  // A run with a problem proves nothing.
  client.onProblem(({ error }) => reportError(error));
  client.onSessionLost(({ why }) => reportError(new Error(`the session was lost: ${why}`)));
  client.on('reading', pushed);
  await client.connect();
  return {
    send: (reading) => client.send('reading', reading),
    call: (reading) => client.call('ask', reading),
    close: () => void client.close(),
  };
}

async function connectSocketIo(port: number, pushed: (reading: Reading) => void): Promise<Connection> {
  const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'] });
  socket.on('reading', pushed);
  await new Promise<void>((resolve) => socket.on('connect', resolve));
  return {
    send: (reading) => socket.emit('reading', reading),
    call: (reading) => new Promise((resolve) => socket.emit('ask', reading, resolve)),
    close: () => socket.disconnect(),
  };
}

export const pageClients: Readonly<Record<string, PageClient>> = {
  floor: { connect: connectNative },
  hawser: { connect: connectHawser, validated },
  'socket.io': { connect: connectSocketIo },
};
