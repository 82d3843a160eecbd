import type { Adapter } from './adapter.ts';

/** Every contestant by name, loaded only in the processes that run it. */
export const adapters = {
  floor: async () => (await import('./raw-ws.ts')).rawWs,
  batched: async () => (await import('./raw-ws-batched.ts')).rawWsBatched,
  promised: async () => (await import('./raw-ws-promised.ts')).rawWsPromised,
  hawser: async () => (await import('./hawser.ts')).hawser,
  'hawser-msgpack': async () => (await import('./hawser.ts')).hawserMsgpack,
  'hawser-wide': async () => (await import('./hawser.ts')).hawserWide,
  'floor-1-names': async () => (await import('./named.ts')).namedFloor(1),
  'floor-10-names': async () => (await import('./named.ts')).namedFloor(10),
  'floor-100-names': async () => (await import('./named.ts')).namedFloor(100),
  'floor-1000-names': async () => (await import('./named.ts')).namedFloor(1_000),
  'hawser-1-names': async () => (await import('./named.ts')).namedHawser(1),
  'hawser-10-names': async () => (await import('./named.ts')).namedHawser(10),
  'hawser-100-names': async () => (await import('./named.ts')).namedHawser(100),
  'hawser-1000-names': async () => (await import('./named.ts')).namedHawser(1_000),
  partysocket: async () => (await import('./partysocket.ts')).partysocket,
  rxjs: async () => (await import('./rxjs-web-socket.ts')).rxjsWebSocket,
  'rpc-websockets': async () => (await import('./rpc-websockets.ts')).rpcWebsockets,
  'socket.io': async () => (await import('./socket-io.ts')).socketIo,
  capnweb: async () => (await import('./capnweb.ts')).capnweb,
  orpc: async () => (await import('./orpc.ts')).orpc,
  trpc: async () => (await import('./trpc.ts')).trpc,
  'graphql-ws': async () => (await import('./graphql-ws.ts')).graphqlWs,
} satisfies Record<string, () => Promise<Adapter>>;

export type AdapterName = keyof typeof adapters;
