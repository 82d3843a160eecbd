// The server's process of the measurement.
import { createHash } from 'node:crypto';
import { createServer as createHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from '@hawser/server';
import { bulkBench, clock } from './contract.ts';

const server = createServer({
  contract: bulkBench,
  authenticate: 'none',
  heartbeat: { every: 500, grace: 20_000 },
}).implement({
  async file(_, { chunks }) {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of chunks) {
      hash.update(chunk);
      size += chunk.length;
    }
    return { size, sha256: hash.digest('hex') };
  },
});
server.on('tick', ({ at }, { peer }) => {
  const now = clock();
  peer.send('tock', { took: now - at, at: now });
});

/** Slowest heartbeat of the server's own pings. */
let slowest = 0;
const watch = setInterval(() => {
  for (const { latency = 0 } of server.peers.values()) slowest = Math.max(slowest, latency);
}, 50);

const http = createHttp();
server.attach(http);
http.listen(0, '127.0.0.1', () => process.send?.({ port: (http.address() as AddressInfo).port }));

process.on('message', () => {
  clearInterval(watch);
  process.send?.({ slowest });
  void server.close().then(() => {
    http.close();
    process.disconnect();
  });
});
