// The server's process of the soak test.
import { openSync, writeSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer, type ServerPeer } from '@hawser/server';
import { soak } from './contract.ts';
import { tell, watchForFaults } from './faults.ts';
import type { Order, Settings } from './messages.ts';
import { pace } from './pace.ts';

/** Every so many messages one is a call. */
const callEvery = 40;

watchForFaults();
const { port, record, rate } = JSON.parse(process.argv[2] ?? '') as Settings;

interface Feed {
  received: number;
  sent: number;
  stop: () => void;
}

const file = openSync(record, 'a');
const feeds = new Map<string, Feed>();
let finishing = false;

/** Written down at once, so that it is on record before the ack can leave, and survives this process. */
function note(id: string, n: number): void {
  writeSync(file, `${id} ${n}\n`);
  const feed = feeds.get(id);
  if (feed !== undefined) feed.received += 1;
}

const server = createServer({
  contract: soak,
  authenticate: () => ({}),
}).implement({
  ask: ({ n }, { peer }) => {
    note(peer.id, n);
    return { n };
  },
  tally: (_, { peer }) => {
    const feed = feeds.get(peer.id);
    return { received: feed?.received ?? 0, sent: feed?.sent ?? 0 };
  },
});

server.onProblem(({ kind, name, error }) => tell({ type: 'fault', what: `problem ${kind} ${name}: ${error.message}` }));
server.on('up', ({ n }, { peer }) => note(peer.id, n));

server.onPeer((peer) => {
  const feed: Feed = { received: 0, sent: 0, stop: () => undefined };
  feed.stop = pace(rate, () => {
    feed.sent += 1;
    const n = feed.sent;
    if (n % callEvery !== 0) {
      peer.send('down', { n });
      return;
    }
    void ask(peer, n);
  });
  feeds.set(peer.id, feed);
});

server.onPeerEnd((peer, end) => {
  feeds.get(peer.id)?.stop();
  if (!finishing) tell({ type: 'fault', what: `a session ended: ${end.why}` });
});

const http = createHttp();
server.attach(http);
http.listen(port, '127.0.0.1', () => tell({ type: 'listening', port: (http.address() as AddressInfo).port }));

async function ask(peer: ServerPeer<typeof soak, object>, n: number): Promise<void> {
  try {
    const answer = await peer.call('check', { n });
    if (answer.n !== n) tell({ type: 'fault', what: `call ${n} was answered with ${answer.n}` });
  } catch (error) {
    if (!finishing) tell({ type: 'fault', what: `call ${n}: ${String(error)}` });
  }
}

async function finish(): Promise<void> {
  await server.close();
  http.close();
  process.disconnect();
}

process.on('message', (order: Order) => {
  for (const feed of feeds.values()) feed.stop();
  finishing = true;
  if (order !== 'finish') return;
  void finish();
});
