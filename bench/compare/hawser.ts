import { createClient, type Client, type Codec } from '@hawser/core';
import { msgpackCodec } from '@hawser/core/msgpack';
import { createServer, jsonCodec, type ServerPeer } from '@hawser/server';
import type { Adapter, Caller, ConnectOptions } from './adapter.ts';
import { fail } from './fail.ts';
import { contract, validated } from './hawser-contract.ts';
import { listen } from './listen.ts';

/** What {@link adapter} changes of the defaults. */
interface Variant {
  /** Calls at once, on both ends. */
  readonly inflight?: number;
  /** Items of a stream on the way at once. */
  readonly window?: number;
}

/** Everything on: validation inbound on both ends, numbering, replay, acks, heartbeat, batching. */
export const hawser: Adapter = adapter(jsonCodec);
/** The same, as MessagePack. */
export const hawserMsgpack: Adapter = adapter(msgpackCodec);
/** As {@link hawser}, with room for 1,024 calls, or items of a stream, on both ends. */
export const hawserWide: Adapter = adapter(jsonCodec, { inflight: 1_024, window: 1_024 });

function adapter(codec: Codec, { inflight, window }: Variant = {}): Adapter {
  const limits = inflight === undefined ? {} : { inflight };
  const reading = window === undefined ? {} : { window };
  return {
    async serve(app, options = {}) {
      const { http, port } = await listen(undefined, options.port);
      const { spread = 0, heartbeatEvery: every } = options;
      const heartbeat = every === undefined ? {} : { every };
      const server = createServer({
        contract,
        authenticate: 'none',
        codecs: [codec],
        limits,
        spread,
        heartbeat,
      }).implement({
        ask: (reading) => app.answer(reading),
        items: (reading) => app.items(reading),
      });
      server.attach(http);
      server.onProblem(fail);
      const callers = new WeakMap<object, Caller>();
      server.on('reading', (reading, { peer }) => app.received(reading, callers.get(peer) ?? callerOf(peer, callers)));
      return {
        port,
        broadcast: (reading) => server.broadcast('reading', reading),
        publish: (of, reading) => server.publish('readings', { of }, reading),
        async close() {
          await server.close({ drain: 0 });
          http.close();
        },
      };
    },
    async connect(port, pushed, options = {}) {
      const { from, stableAfter } = options;
      const client = createClient({
        contract,
        url: dialTo(`ws://127.0.0.1:${port}`, options),
        codec,
        limits,
        ...(stableAfter === undefined ? {} : { reconnect: { stableAfter } }),
        ...(from === undefined ? {} : { socketOptions: { localAddress: from } }),
      });
      client.onProblem(fail);
      watch(client, options);
      client.on('reading', pushed);
      await client.connect();
      return {
        send: (reading) => client.send('reading', reading),
        call: (reading) => client.call('ask', reading),
        read: (first, taken) =>
          new Promise((resolve, reject) => {
            client.stream('items', first, reading).subscribe({ next: taken, error: reject, complete: resolve });
          }),
        subscribe(of) {
          const topic = client.topic('readings', { of });
          topic.subscribe(pushed);
          return new Promise((resolve) => {
            const stop = topic.onChange(() => {
              if (topic.getSnapshot().status !== 'live') return;
              stop();
              resolve();
            });
          });
        },
        close: () => void client.close(),
      };
    },
    validated,
  };
}

function dialTo(url: string, { watch: told }: ConnectOptions): string | (() => string) {
  if (told === undefined) return url;
  return () => {
    told.dialled();
    return url;
  };
}

/** Unless somebody watches for lost sessions, none may be lost. */
function watch(client: Client<typeof contract>, { watch: told }: ConnectOptions): void {
  client.onSessionLost(({ why }) => {
    if (told === undefined) fail({ kind: 'session lost', name: '', error: new Error(why) });
    else told.lost();
  });
  if (told === undefined) return;
  client.onState(({ status }, before) => {
    if (status === 'connected' && before.status !== 'connected') told.connected();
  });
}

function callerOf(peer: ServerPeer<typeof contract, undefined>, callers: WeakMap<object, Caller>): Caller {
  const caller: Caller = { push: (reading) => peer.send('reading', reading) };
  callers.set(peer, caller);
  return caller;
}
