// A child process that behaves well and is attacked: a server, or a client that dials where it is told. Nobody else is in
// it, so that its memory is the memory of what is attacked.
import { createServer as createHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Client, createClient } from '@hawser/core';
import { createServer } from '@hawser/server';
import { watchProcess } from '../process-faults.ts';
import { isNumbered, siegeContract, type SiegeContract } from './contract.ts';
import type { VictimOrder, VictimReport } from './messages.ts';

const tell = (report: VictimReport): unknown => process.send?.(report);
const collect = (globalThis as { gc?: () => void }).gc;
const faults = watchProcess();
/** Handlers that run now, and the most there were. */
let running = 0;
let most = 0;
/** Times a handler was given what does not match the contract. */
let unchecked = 0;

/** Runs until the signal fires. */
async function holdOn(input: unknown, signal: AbortSignal): Promise<never> {
  if (!isNumbered(input)) unchecked += 1;
  running += 1;
  most = Math.max(most, running);
  try {
    return await new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  } finally {
    running -= 1;
  }
}

const handlers = {
  echo: (input: { n: number }) => {
    if (!isNumbered(input)) unchecked += 1;
    return input;
  },
  hold: (input: { n: number }, { signal }: { signal: AbortSignal }) => holdOn(input, signal),
  async *feed(input: { n: number }) {
    if (!isNumbered(input)) unchecked += 1;
    for (let n = 0; ; n += 1) yield { n };
  },
  vault: (input: { n: number }, { signal }: { signal: AbortSignal }) => holdOn(input, signal),
};

const server = createServer({ contract: siegeContract, authenticate: 'none' }).implement(handlers);
server.onProblem(() => undefined);
const http = createHttp();
server.attach(http, { path: '/ws' });
http.listen(0, '127.0.0.1', () => tell({ type: 'ready', port: (http.address() as AddressInfo).port }));

let client: Client<SiegeContract> | undefined;
/** Values that came of the topic. */
let heard = 0;

async function dial(url: string): Promise<void> {
  await client?.close();
  const dialled = createClient({ contract: siegeContract, url, reconnect: { minDelay: 1, maxDelay: 20 } });
  client = dialled;
  dialled.onProblem(() => undefined);
  for (const name of ['echo', 'hold', 'feed', 'vault'] as const) dialled.handle(name, handlers[name] as never);
  dialled.topic('level', { n: 1 }).subscribe(() => (heard += 1));
  // And one who asked and never reads.
  void dialled
    .topic('level', { n: 1 })
    .values({ buffer: { size: 100, overflow: 'drop-oldest' } })
    [Symbol.asyncIterator]();
  dialled.connect().catch(() => undefined);
}

process.on('message', (order: VictimOrder) => {
  if (order.type === 'dial') void dial(order.url);
  else void measure();
});

async function measure(): Promise<void> {
  // What was freed by one is collected by the next: buffers outlive their owners.
  for (let i = 0; i < 3; i += 1) {
    collect?.();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const peakRss = process.resourceUsage().maxRSS * 1_024;
  const status = client?.state.status;
  const { size } = server.peers;
  tell({
    ...{ type: 'measured', kept: heapUsed + external, rss, peakRss, running, most, unchecked, faults: faults.found },
    ...{ status, heard, sessions: size },
  });
  most = running;
}
// The test is over, however it ended.
process.on('disconnect', () => process.exit());
