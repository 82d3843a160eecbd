import { buildSchema } from 'graphql';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocket, WebSocketServer } from 'ws';
import type { Adapter } from './adapter.ts';
import { listen } from './listen.ts';
import { PushQueue } from './push-queue.ts';
import type { Reading } from './reading.ts';

const fields = 'n: Int!, device: String!, celsius: Float!, at: Float!, state: String!, note: String!';
const schema = buildSchema(`
  type Reading { ${fields} }
  input ReadingInput { ${fields} }
  type Query { nothing: Int }
  type Mutation { reading(reading: ReadingInput!): Int, ask(reading: ReadingInput!): Reading! }
  type Subscription { feed: Reading!, items(reading: ReadingInput!): Reading! }
`);
const all = '{ n device celsius at state note }';
const sendQuery = 'mutation ($reading: ReadingInput!) { reading(reading: $reading) }';
const askQuery = `mutation ($reading: ReadingInput!) { ask(reading: $reading) ${all} }`;
const itemsQuery = `subscription ($reading: ReadingInput!) { items(reading: $reading) ${all} }`;
const feedQuery = `subscription { feed ${all} }`;

/** One-way messages are mutations whose answer nobody reads: it has no others. */
export const graphqlWs: Adapter = {
  async serve(app) {
    const { http, port } = await listen();
    const server = new WebSocketServer({ server: http, perMessageDeflate: false });
    const queues = new Map<WebSocket, PushQueue>();
    type Extra = { socket: WebSocket };
    const queueOf = ({ socket }: Extra): PushQueue => queues.get(socket) as PushQueue;
    server.on('connection', (socket) => {
      queues.set(socket, new PushQueue());
      socket.on('close', () => {
        queues.get(socket)?.end();
        queues.delete(socket);
      });
    });
    useServer<Record<string, never>, Extra>(
      {
        schema,
        context: ({ extra }) => extra,
        roots: {
          mutation: {
            reading: ({ reading }: { reading: Reading }, extra: Extra) => app.received(reading, queueOf(extra)),
            ask: ({ reading }: { reading: Reading }) => app.answer(reading),
          },
          subscription: {
            async *items({ reading }: { reading: Reading }) {
              for await (const items of app.items(reading)) yield { items };
            },
            async *feed(_: unknown, extra: Extra) {
              for await (const feed of queueOf(extra).read()) yield { feed };
            },
          },
        },
      },
      server,
    );
    return {
      port,
      broadcast: (reading) => queues.forEach((queue) => queue.push(reading)),
      async close() {
        for (const socket of server.clients) socket.terminate();
        server.close();
        http.close();
      },
    };
  },
  async connect(port, pushed) {
    const client = createClient({ url: `ws://127.0.0.1:${port}`, webSocketImpl: WebSocket, lazy: false });
    const ended = { complete: () => undefined, error: () => undefined };
    await new Promise<void>((resolve) => client.on('connected', () => resolve()));
    client.subscribe<{ feed: Reading }>(
      { query: feedQuery },
      {
        ...ended,
        next: ({ data }) => {
          if (data) pushed(data.feed);
        },
      },
    );
    return {
      send: (reading) =>
        void client.subscribe({ query: sendQuery, variables: { reading } }, { ...ended, next: () => undefined }),
      call: (reading) =>
        new Promise((resolve, reject) => {
          client.subscribe<{ ask: Reading }>(
            { query: askQuery, variables: { reading } },
            {
              next: ({ data, errors }) =>
                data ? resolve(data.ask) : reject(new Error(errors?.map(({ message }) => message).join())),
              error: reject,
              complete: () => undefined,
            },
          );
        }),
      read: (reading, taken) =>
        new Promise((resolve, reject) => {
          client.subscribe<{ items: Reading }>(
            { query: itemsQuery, variables: { reading } },
            {
              next: ({ data, errors }) =>
                data ? taken(data.items) : reject(new Error(errors?.map(({ message }) => message).join())),
              error: reject,
              complete: resolve,
            },
          );
        }),
      close: () => void client.dispose(),
    };
  },
};
