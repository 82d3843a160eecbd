import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { acceptKey } from './raw-server.ts';

/** How one upgrade is answered. */
export type Refusal =
  /** A whole response with this status, such as a login page or a gateway's error. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** 101 with an accept key that does not fit. */
  | 'wrong key'
  /** 101 without the sub-protocol, and then silence. */
  | 'no protocol'
  /** The first half of a 101, then the end. */
  | 'half'
  /** The first half of a 101, then silence. */
  | 'half, silent'
  /** Accepted and never answered. */
  | 'nothing'
  /** Accepted and reset. */
  | 'reset';

/** An HTTP server that never lets a WebSocket open. */
export class RefusingHttp {
  readonly port: number;
  readonly url: string;
  /** When each upgrade was asked for, milliseconds of `performance.now()`. */
  readonly attempts: number[] = [];
  /** What to answer; the last one is repeated for ever. */
  answers: Refusal[];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, answers: Refusal[]) {
    this.#server = server;
    this.answers = answers;
    this.port = (server.address() as AddressInfo).port;
    this.url = `ws://127.0.0.1:${this.port}`;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('upgrade', (request, socket: Socket) => {
      socket.on('error', () => {});
      // Whoever is not answered goes away some day: that is answered in kind.
      socket.on('end', () => socket.end()).resume();
      this.attempts.push(performance.now());
      const answer = (this.answers.length > 1 ? this.answers.shift() : this.answers[0]) ?? 'nothing';
      refuse(socket, answer, request.headers['sec-websocket-key'] ?? '');
    });
  }

  /** Starts on a free port of 127.0.0.1. */
  static async start(...answers: Refusal[]): Promise<RefusingHttp> {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return new RefusingHttp(server, answers);
  }

  /** Connections open now. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Drops everybody and stops. */
  async stop(): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const socket of this.#sockets) socket.destroy();
    await stopped;
  }
}

function refuse(socket: Socket, answer: Refusal, key: string): void {
  const accepted = (accept: string): string =>
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
  const whole = accepted(acceptKey(key));
  const half = whole.slice(0, whole.length / 2);
  switch (answer) {
    case 'wrong key':
      socket.write(accepted(acceptKey('another key')));
      return;
    case 'no protocol':
      socket.write(whole);
      return;
    case 'half':
      socket.end(half);
      return;
    case 'half, silent':
      socket.write(half);
      return;
    case 'nothing':
      return;
    case 'reset':
      socket.resetAndDestroy();
      return;
    default: {
      const { status, headers = {}, body = '' } = answer;
      const lines = Object.entries({ ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' });
      socket.end(
        `HTTP/1.1 ${status} Refused\r\n${lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n${body}`,
      );
    }
  }
}
