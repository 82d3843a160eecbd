// A server and a pool in one process, real sockets between them; prints when all is closed, and must leave by itself.
import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPool } from '@hawser/core/pool';
import { createServer } from '@hawser/server';
import { fleet, idleHandlers } from '../../stage/fleet.ts';

const server = createServer({ contract: fleet, authenticate: 'none' }).implement(idleHandlers);
const http = createHttp().listen(0, '127.0.0.1');
await once(http, 'listening');
server.attach(http, { path: '/ws' });
const { port } = http.address() as AddressInfo;
const pool = createPool({ contract: fleet, client: () => ({ url: `ws://127.0.0.1:${port}/ws` }) });
const clients = Array.from({ length: 20 }, (_, n) => pool.client(`bot ${n}`).client);
await Promise.all(clients.map((client) => client.connect()));
// One is released and waits for its idle timeout when the pool closes, one waits to dial.
pool.client('released').release();
void pool
  .client('late')
  .client.connect()
  .catch(() => undefined);
await pool.close({ drain: 1_000 });
await server.close();
http.close();
console.log(`closed ${clients.length}`);
