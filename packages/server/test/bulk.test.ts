// Uploads and large messages over real sockets and a bad link: reliability catalogue F01, F03, F08 for what travels in
// chunks.
import { createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bytes, createClient, defineContract, message, upload, type Client, type SocketClass } from '@hawser/core';
import { createServer } from '@hawser/server';
import { createServer as createHttp, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import WebSocket from 'ws';
import * as z from 'zod';
import { FaultProxy } from './support/fault-proxy.ts';
import { type ResourceWatch, watchResources } from './support/resources.ts';
import { until } from './support/until.ts';

const contract = defineContract({
  id: 'bulk/1',
  clientToServer: {
    file: upload({ chunk: bytes(), output: z.string() }),
    page: message(z.string()),
    tick: message(z.number()),
  },
  serverToClient: { page: message(z.string()) },
});

let resources: ResourceWatch;
let http: HttpServer;
let server: ReturnType<typeof serve>;
let proxy: FaultProxy;
let client: Client<typeof contract>;
let pages: string[];
let ticks: number[];
/** Bytes of chunks the client wrote. */
let written: number;

function serve() {
  return createServer({ contract, authenticate: 'none' }).implement({
    async file(_, { chunks }) {
      const hash = createHash('sha256');
      for await (const chunk of chunks) hash.update(chunk);
      return hash.digest('hex');
    },
  });
}

beforeEach(async () => {
  resources = watchResources();
  pages = [];
  ticks = [];
  written = 0;
  server = serve();
  server.on('page', (text) => pages.push(text));
  server.on('tick', (n) => ticks.push(n));
  http = createHttp();
  server.attach(http);
  await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
  proxy = await FaultProxy.start({ target: (http.address() as AddressInfo).port });
  class Counting extends WebSocket {
    override send(data: unknown, ...rest: never[]): void {
      if (data instanceof Uint8Array) written += data.length;
      super.send(data as Uint8Array, ...rest);
    }
  }
  client = createClient({
    contract,
    url: `ws://127.0.0.1:${proxy.port}/`,
    reconnect: { minDelay: 1, maxDelay: 20 },
    WebSocket: Counting as unknown as SocketClass,
  });
  await client.connect();
});

afterEach(async () => {
  proxy.pass();
  await client.close();
  await server.close({ drain: 0 });
  await proxy.close();
  await new Promise((resolve) => http.close(resolve));
  await resources.done();
});

const sha = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

test('an upload over a slow, long link with cuts arrives whole, and little is sent again', async () => {
  const data = randomBytes(4_000_000);
  proxy.up.rate(4_000_000);
  for (const direction of [proxy.up, proxy.down]) direction.delay(10);
  const cuts = [600_000, 1_500_000, 2_900_000];
  const sent = client.upload('file', undefined, new Blob([data]), {
    onProgress({ acked }) {
      if (acked < (cuts[0] ?? Number.POSITIVE_INFINITY)) return;
      cuts.shift();
      proxy.rst();
    },
  });
  expect(await sent).toBe(sha(data));
  expect(cuts).toEqual([]);
  expect(proxy.opened).toBe(4);
  // The heads of 245 chunks are in it, too.
  expect(written - data.length).toBeLessThan(3 * 500_000);
  expect(server.peers.size).toBe(1);
});

test('a cut at any byte of a chunk changes nothing', async () => {
  const data = randomBytes(400_000);
  for (let round = 0; round < 12; round += 1) {
    proxy.up.cutAfter(70_000 + round * 1_371, round % 2 === 0 ? 'rst' : 'destroy');
    proxy.onNextLink((link) => link.up.pass());
    expect(await client.upload('file', undefined, data)).toBe(sha(data));
    proxy.up.pass();
  }
  expect(server.peers.size).toBe(1);
}, 20_000);

test('small messages pass a large one, and both directions carry large ones', async () => {
  proxy.up.rate(2_000_000);
  const large = 'é'.repeat(1_500_000);
  client.send('page', large);
  for (let n = 0; n < 20; n += 1) client.send('tick', n);
  await until('the small ones are there', () => ticks.length === 20);
  expect(pages).toEqual([]);
  const [peer] = server.peers.values();
  const heard: string[] = [];
  client.on('page', (text) => heard.push(text));
  peer?.send('page', large);
  await until('the large ones are there', () => pages.length === 1 && heard.length === 1, 20_000);
  expect(pages[0] === large && heard[0] === large).toBe(true);
}, 30_000);

test('a reader that stops reading stops the upload, and memory stays', async () => {
  const before = process.memoryUsage().arrayBuffers;
  proxy.up.stall();
  let pulled = 0;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += 65_536;
      controller.enqueue(new Uint8Array(65_536));
    },
  });
  const stop = new AbortController();
  const sent = client.upload('file', undefined, source, { signal: stop.signal }).catch((error: unknown) => error);
  let last = -1;
  await until('nothing more is pulled', () => {
    const still = pulled === last && pulled > 0;
    last = pulled;
    return still;
  });
  expect(pulled).toBeLessThan(2_500_000);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8_000_000);
  stop.abort(new Error('enough'));
  expect(await sent).toMatchObject({ message: 'enough' });
});
