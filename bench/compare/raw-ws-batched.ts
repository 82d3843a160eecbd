import type { WebSocket } from 'ws';
import type { Adapter } from './adapter.ts';
import { packedWs, type Packer } from './packed-ws.ts';
import type { Incoming } from './raw-client.ts';

/** The floor with everything sent in one tick in one frame: the practical limit for JSON. */
export const rawWsBatched: Adapter = packedWs((socket) => new Batch(socket));

class Batch implements Packer {
  readonly #socket: WebSocket;
  #texts: string[] = [];

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  add(text: string): void {
    if (this.#texts.push(text) === 1) queueMicrotask(this.#flush);
  }

  take(packet: string): readonly Incoming[] {
    return JSON.parse(packet) as Incoming[];
  }

  readonly #flush = (): void => {
    this.#socket.send(`[${this.#texts.join()}]`);
    this.#texts = [];
  };
}
