import { createHash } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { readHead } from './http-head.ts';
import { RawPeer } from './raw-peer.ts';
import { until } from './until.ts';

/** A server that upgrades everybody and then leaves each connection to the test. */
export class RawServer {
  readonly port: number;
  readonly url: string;
  /** Everybody who was upgraded, oldest first. */
  readonly peers: RawPeer[] = [];
  /** The sub-protocol to answer with, `null` for none. @defaultValue the first one offered */
  protocol: string | null | undefined;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #taken = 0;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    this.url = `ws://127.0.0.1:${this.port}`;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      socket.setNoDelay(true);
      this.#upgrade(socket).catch(() => socket.destroy());
    });
  }

  /** Starts on a free port of 127.0.0.1. */
  static async start(): Promise<RawServer> {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return new RawServer(server);
  }

  /** The next connection nobody has taken yet. */
  async accept(within = 4_000): Promise<RawPeer> {
    await until('a client connects', () => this.peers.length > this.#taken, within);
    this.#taken += 1;
    return this.peers[this.#taken - 1] as RawPeer;
  }

  /** Drops everybody and stops. */
  async stop(): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const socket of this.#sockets) socket.destroy();
    await stopped;
  }

  async #upgrade(socket: Socket): Promise<void> {
    const { head, rest } = await readHead(socket);
    const key = head.headers.get('sec-websocket-key') ?? '';
    const offered = head.headers.get('sec-websocket-protocol')?.split(',')[0]?.trim();
    const protocol = this.protocol === undefined ? offered : this.protocol;
    const lines = [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${acceptKey(key)}`,
      ...(protocol === undefined || protocol === null ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    this.peers.push(new RawPeer(head, socket, false, rest));
  }
}

/** The answer to a `Sec-WebSocket-Key`, RFC 6455 section 4.2.2. */
export function acceptKey(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
