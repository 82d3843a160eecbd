import { createClient, type Codec } from '@hawser/core';
import { msgpackCodec } from '@hawser/core/msgpack';
import { createServer, jsonCodec, type ServerPeer } from '@hawser/server';
import type { Adapter, Caller } from './adapter.ts';
import { contract, validated } from './hawser-contract.ts';
import { listen } from './listen.ts';

/** Everything on: validation inbound on both ends, numbering, replay, acks, heartbeat, batching. */
export const hawser: Adapter = adapter(jsonCodec);
/** The same, as MessagePack. */
export const hawserMsgpack: Adapter = adapter(msgpackCodec);
/** As {@link hawser}, with room for 1,024 calls on both ends. */
export const hawserWide: Adapter = adapter(jsonCodec, 1_024);

function adapter(codec: Codec, inflight?: number): Adapter {
  const limits = inflight === undefined ? {} : { inflight };
  return {
    async serve(app) {
      const { http, port } = await listen();
      const server = createServer({ contract, authenticate: 'none', codecs: [codec], limits }).implement({
        ask: (reading) => app.answer(reading),
      });
      server.attach(http);
      server.onProblem(fail);
      const callers = new WeakMap<object, Caller>();
      server.on('reading', (reading, { peer }) => app.received(reading, callers.get(peer) ?? callerOf(peer, callers)));
      return {
        port,
        broadcast: (reading) => server.broadcast('reading', reading),
        async close() {
          await server.close({ drain: 0 });
          http.close();
        },
      };
    },
    async connect(port, pushed) {
      const client = createClient({ contract, url: `ws://127.0.0.1:${port}`, codec, limits });
      client.onProblem(fail);
      client.onSessionLost(({ why }) => fail({ kind: 'session lost', name: '', error: new Error(why) }));
      client.on('reading', pushed);
      await client.connect();
      return {
        send: (reading) => client.send('reading', reading),
        call: (reading) => client.call('ask', reading),
        close: () => void client.close(),
      };
    },
    validated,
  };
}

function callerOf(peer: ServerPeer<typeof contract, undefined>, callers: WeakMap<object, Caller>): Caller {
  const caller: Caller = { push: (reading) => peer.send('reading', reading) };
  callers.set(peer, caller);
  return caller;
}

/** A run with a problem proves nothing. Thrown where no listener's guard catches it. */
function fail({ kind, name, error }: { kind: string; name: string; error: Error }): void {
  queueMicrotask(() => {
    throw new Error(`${kind} "${name}": ${error.message}`, { cause: error });
  });
}
