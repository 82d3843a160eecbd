import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server on the loopback interface; on a free port when none is given. */
export async function listen(http: Server = createServer(), port = 0): Promise<{ http: Server; port: number }> {
  // Thousands dial at once.
  await new Promise<void>((resolve) => http.listen({ port, host: '127.0.0.1', backlog: 4_096 }, resolve));
  return { http, port: (http.address() as AddressInfo).port };
}
