// A real ws server that sends every message back. Its address reaches each test environment, the browser included:
// `inject('echoUrl')`.
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { WebSocketServer } from 'ws';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise<void>((resolve) => {
    server.once('listening', resolve);
  });
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => {
      socket.send(data, { binary: isBinary });
    });
  });
  project.provide('echoUrl', `ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    for (const socket of server.clients) socket.terminate();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  };
}
