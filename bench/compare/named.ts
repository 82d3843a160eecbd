import { createClient, defineContract, message, type Contract, type MessageDef } from '@hawser/core';
import { createServer } from '@hawser/server';
import { WebSocket, WebSocketServer } from 'ws';
import type { Adapter, Caller } from './adapter.ts';
import { counted } from './counted-schema.ts';
import { fail } from './fail.ts';
import { listen } from './listen.ts';
import { rawClient } from './raw-client.ts';
import { readingSchema, type Reading } from './reading.ts';

type ReadingMessage = MessageDef<Reading, Reading>;
interface NamedContract extends Contract {
  readonly clientToServer: Readonly<Record<string, ReadingMessage>>;
  readonly serverToClient: { readonly reading: ReadingMessage };
}

function namesOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `reading ${i}`);
}

/** The floor with so many handlers; messages take their names in turn. One-way messages only. */
export function namedFloor(count: number): Adapter {
  const names = namesOf(count);
  return {
    async serve(app) {
      const { http, port } = await listen();
      const server = new WebSocketServer({ server: http, perMessageDeflate: false });
      server.on('connection', (socket) => {
        const caller = { push: (reading: Reading) => socket.send(JSON.stringify(['reading', reading])) };
        const handlers = new Map(names.map((name) => [name, (reading: Reading) => app.received(reading, caller)]));
        socket.on('message', (bytes: Buffer) => {
          const [name, reading] = JSON.parse(bytes.toString()) as [string, Reading];
          handlers.get(name)?.(reading);
        });
      });
      return {
        port,
        async close() {
          for (const socket of server.clients) socket.terminate();
          server.close();
          http.close();
        },
      };
    },
    async connect(port, pushed) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      const write = (sent: unknown): void => socket.send(JSON.stringify(sent));
      const close = (): void => socket.terminate();
      const { read } = rawClient(write, pushed, close);
      socket.on('message', (data: Buffer) => read(data.toString()));
      return { send: (reading) => write([names[reading.n % count], reading]), close };
    },
  };
}

/** Hawser with so many messages in the contract, and a listener for each. */
export function namedHawser(amount: number): Adapter {
  const names = namesOf(amount);
  const { schema, count } = counted(readingSchema);
  const contract: NamedContract = defineContract({
    id: 'hawser.bench.named/1',
    clientToServer: Object.fromEntries(names.map((name) => [name, message(schema)])),
    serverToClient: { reading: message(schema) },
  });
  return {
    async serve(app) {
      const { http, port } = await listen();
      const server = createServer({ contract, authenticate: 'none' }).implement({});
      server.attach(http);
      server.onProblem(fail);
      const callers = new WeakMap<object, Caller>();
      server.onPeer((peer) => callers.set(peer, { push: (reading) => peer.send('reading', reading) }));
      for (const name of names) {
        server.on(name, (reading, { peer }) => app.received(reading, callers.get(peer) as Caller));
      }
      return {
        port,
        async close() {
          await server.close({ drain: 0 });
          http.close();
        },
      };
    },
    async connect(port, pushed) {
      const client = createClient({ contract, url: `ws://127.0.0.1:${port}` });
      client.onProblem(fail);
      client.on('reading', pushed);
      await client.connect();
      return {
        send: (reading) => client.send(names[reading.n % amount] as string, reading),
        close: () => void client.close(),
      };
    },
    validated: count,
  };
}
