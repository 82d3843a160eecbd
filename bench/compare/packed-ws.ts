import { WebSocket, WebSocketServer } from 'ws';
import type { Adapter, Application, Connection, ServeOptions, Serving } from './adapter.ts';
import { listen } from './listen.ts';
import { rawClient, type Incoming } from './raw-client.ts';
import { sendItems } from './raw-ws.ts';
import type { Reading } from './reading.ts';
import { TopicSets } from './topic-sets.ts';

type Handler = (data: unknown, id: number) => void;

/** Puts messages into packets, and takes packets apart. */
export interface Packer {
  /** One more message, as JSON; it leaves at the end of the microtask queue. */
  add(text: string): void;
  /** The messages of a packet that came. */
  take(packet: string): readonly Incoming[];
}

/** What both ends say before anything else. */
export interface Greeting {
  readonly hello: () => string;
  readonly welcome: (hello: string) => string;
}

/** `ws` on both ends, with everything that is sent in one tick in one frame. */
export function packedWs(packer: (socket: WebSocket) => Packer, greeting?: Greeting): Adapter {
  return {
    async serve(app: Application, options: ServeOptions = {}): Promise<Serving> {
      const { http, port } = await listen(undefined, options.port);
      const server = new WebSocketServer({ server: http, perMessageDeflate: false });
      const all = new Set<Packer>();
      const topics = new TopicSets<Packer>();
      server.on('connection', (socket) => {
        const packets = packer(socket);
        all.add(packets);
        const write = (message: unknown): void => packets.add(JSON.stringify(message));
        const caller = { push: (reading: Reading) => write(['reading', reading]) };
        const handlers = new Map<string, Handler>([
          ['reading', (data) => app.received(data as Reading, caller)],
          ['ask', (data, id) => write(['answer', app.answer(data as Reading), id])],
          ['items', (data, id) => void sendItems(app.items(data as Reading), id, write)],
          [
            'subscribe',
            (topic, id) => {
              topics.add(topic as string, packets);
              write(['subscribed', topic, id]);
            },
          ],
        ]);
        const read = (bytes: Buffer): void => {
          for (const [name, data, id] of packets.take(bytes.toString())) handlers.get(name)?.(data, id);
        };
        if (greeting === undefined) socket.on('message', read);
        else {
          socket.once('message', (hello: Buffer) => {
            socket.send(greeting.welcome(hello.toString()));
            socket.on('message', read);
          });
        }
        socket.on('close', () => {
          all.delete(packets);
          topics.remove(packets);
        });
      });
      const tell = (recipients: Iterable<Packer>, reading: Reading): void => {
        const text = JSON.stringify(['reading', reading]);
        for (const packets of recipients) packets.add(text);
      };
      return {
        port,
        broadcast: (reading) => tell(all, reading),
        publish: (topic, reading) => tell(topics.of(topic), reading),
        async close() {
          for (const socket of server.clients) socket.terminate();
          server.close();
          http.close();
        },
      };
    },
    async connect(port: number, pushed: (reading: Reading) => void): Promise<Connection> {
      const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      if (greeting !== undefined) {
        socket.send(greeting.hello());
        await new Promise((resolve) =>
          socket.once('message', (welcome: Buffer) => resolve(JSON.parse(welcome.toString()))),
        );
      }
      const packets = packer(socket);
      const { connection, take } = rawClient(
        (message) => packets.add(JSON.stringify(message)),
        pushed,
        () => socket.terminate(),
      );
      socket.on('message', (data: Buffer) => {
        for (const message of packets.take(data.toString())) take(message);
      });
      return connection;
    },
  };
}
