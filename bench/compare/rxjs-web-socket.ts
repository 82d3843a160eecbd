import { webSocket } from 'rxjs/webSocket';
import { WebSocket } from 'ws';
import type { Adapter } from './adapter.ts';
import type { Reading } from './reading.ts';
import { serve } from './raw-ws.ts';

/** RxJS's own subject over a socket; it has no calls. The server is the floor's. */
export const rxjsWebSocket: Adapter = {
  serve,
  async connect(port, pushed) {
    const opened = Promise.withResolvers<unknown>();
    const subject = webSocket<readonly [name: string, reading: Reading]>({
      url: `ws://127.0.0.1:${port}`,
      WebSocketCtor: WebSocket as unknown as typeof globalThis.WebSocket,
      openObserver: { next: opened.resolve },
    });
    subject.subscribe(([, reading]) => pushed(reading));
    await opened.promise;
    return {
      send: (reading) => subject.next(['reading', reading]),
      close: () => subject.complete(),
    };
  },
};
