// The client's process of the measurement: one upload, a small message every 50 ms beside it.
import { createHash, randomBytes } from 'node:crypto';
import { createClient, type SocketClass } from '@hawser/core';
import { readRawChunk } from '../bad-chunks.ts';
import WebSocket from 'ws';
import { bulkBench, clock } from './contract.ts';
import type { ClientFigures, ClientTask } from './figures.ts';

const { port, size } = JSON.parse(process.argv[2] ?? '') as ClientTask;

/** Highest number a chunk left with, and the bytes of those that left again. */
let highest = 0;
let sentAgain = 0;

class Counting extends WebSocket {
  override send(data: unknown, ...rest: never[]): void {
    if (data instanceof Uint8Array && data[0] === 0xc1) {
      const { seq, length } = readRawChunk(data);
      if (seq <= highest) sentAgain += length;
      highest = Math.max(highest, seq);
    }
    super.send(data as Uint8Array, ...rest);
  }
}

const client = createClient({
  contract: bulkBench,
  url: `ws://127.0.0.1:${port}/`,
  WebSocket: Counting as unknown as SocketClass,
});
const up: number[] = [];
const down: number[] = [];
let heartbeat = 0;
let lost = 0;
client.on('tock', ({ took, at }) => {
  up.push(took);
  down.push(clock() - at);
});
client.onState((state) => {
  if (state.status === 'connected') heartbeat = Math.max(heartbeat, state.latency ?? 0);
});
client.onSessionLost(() => (lost += 1));
await client.connect();

const data = randomBytes(size);
const ticking = setInterval(() => client.send('tick', { at: clock() }), 50);
const started = performance.now();
const answer = await client.upload('file', undefined, new Blob([data]), {
  onProgress: ({ acked }) => process.send?.({ acked }),
});
const seconds = (performance.now() - started) / 1_000;
clearInterval(ticking);

const figures: ClientFigures = {
  seconds,
  bytesPerSecond: size / seconds,
  intact: answer.size === size && answer.sha256 === createHash('sha256').update(data).digest('hex'),
  sentAgain,
  heartbeat,
  lost,
  up,
  down,
};
process.send?.({ figures });
await client.close();
process.disconnect();
