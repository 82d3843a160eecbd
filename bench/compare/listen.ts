import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server on a free port of the loopback interface. */
export async function listen(http: Server = createServer()): Promise<{ http: Server; port: number }> {
  await new Promise<void>((resolve) => http.listen({ port: 0, host: '127.0.0.1', backlog: 1_024 }, resolve));
  return { http, port: (http.address() as AddressInfo).port };
}
