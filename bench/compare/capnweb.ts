import { ReadableStream } from 'node:stream/web';
import { newWebSocketRpcSession, RpcTarget, type RpcStub } from 'capnweb';
import { WebSocket, WebSocketServer } from 'ws';
import type { Adapter, Application } from './adapter.ts';
import { listen } from './listen.ts';
import type { Reading } from './reading.ts';

/** What the client offers; the server pushes by calling it. */
class Listener extends RpcTarget {
  readonly #pushed: (reading: Reading) => void;

  constructor(pushed: (reading: Reading) => void) {
    super();
    this.#pushed = pushed;
  }

  push(reading: Reading): void {
    this.#pushed(reading);
  }
}

class Service extends RpcTarget {
  readonly #app: Application;
  readonly #push: (reading: Reading) => void;

  constructor(app: Application, push: (reading: Reading) => void) {
    super();
    this.#app = app;
    this.#push = push;
  }

  reading(reading: Reading): void {
    this.#app.received(reading, { push: this.#push });
  }

  ask(reading: Reading): Reading {
    return this.#app.answer(reading);
  }

  items(reading: Reading): ReadableStream<Reading> {
    return ReadableStream.from(this.#app.items(reading));
  }
}

export const capnweb: Adapter = {
  async serve(app) {
    const { http, port } = await listen();
    const server = new WebSocketServer({ server: http, perMessageDeflate: false });
    const pushes = new Set<(reading: Reading) => void>();
    server.on('connection', (socket) => {
      const push = (reading: Reading): void => void listener.push(reading);
      const service = new Service(app, push);
      const listener: RpcStub<Listener> = newWebSocketRpcSession(socket as unknown as globalThis.WebSocket, service);
      pushes.add(push);
      socket.on('close', () => pushes.delete(push));
    });
    return {
      port,
      broadcast: (reading) => pushes.forEach((push) => push(reading)),
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
    const service: RpcStub<Service> = newWebSocketRpcSession(
      socket as unknown as globalThis.WebSocket,
      new Listener(pushed),
    );
    return {
      send: (reading) => void service.reading(reading),
      call: (reading) => service.ask(reading),
      async read(reading, taken) {
        const items = (await service.items(reading)) as unknown as ReadableStream<Reading>;
        for await (const item of items) taken(item);
      },
      close: () => socket.terminate(),
    };
  },
};
