// Serves one client that runs from the build for production browsers, in a process of its own, and cuts its link once.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createServer } from '@hawser/server';
import { contract } from './browser-contract.mjs';

const server = createServer({ contract, authenticate: 'none' }).implement({ double: ({ n }) => ({ n: n * 2 }) });
const http = createHttp();
const sockets = new Set();
http.on('connection', (socket) => sockets.add(socket));
server.attach(http, { path: '/ws' });
http.listen(0, '127.0.0.1');
await once(http, 'listening');
server.on('cut', () => {
  for (const socket of sockets) socket.destroy();
});

const client = spawn(
  process.execPath,
  [
    '--conditions=browser',
    fileURLToPath(new URL('browser-client.mjs', import.meta.url)),
    `ws://127.0.0.1:${http.address().port}/ws`,
  ],
  { stdio: 'inherit' },
);
const [code] = await once(client, 'exit');
await server.close();
http.close();
process.exitCode = code;
