import { connect, type Socket } from 'node:net';
import { type CutKind, FaultPipe, type PipeLink } from './fault-pipe.ts';

/** What can happen to a link. */
export type LinkEvent = 'open' | 'unreachable' | 'rst' | 'destroy' | 'fin' | 'blackhole' | 'client lost' | 'closed';

/** What a link is made of. */
export interface LinkParts {
  /** From 1, in order of arrival. */
  readonly id: number;
  /** The accepted socket. */
  readonly client: Socket;
  /** Port of the real server on 127.0.0.1. */
  readonly target: number;
  /** In [0, 1). */
  readonly random: () => number;
  /** Writes one line of the diary. */
  readonly write: (event: LinkEvent, detail?: string) => void;
  /** Both sockets are gone. */
  readonly onClosed: () => void;
}

/** One connection through the proxy. */
export class ProxyLink implements PipeLink {
  /** From 1, in order of arrival. */
  readonly id: number;
  /** Rules and counters of client to server. */
  readonly up: FaultPipe;
  /** Rules and counters of server to client. */
  readonly down: FaultPipe;
  /** Resolves when both sockets are gone. */
  readonly gone: Promise<void>;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #write: LinkParts['write'];

  constructor(parts: LinkParts) {
    const { client } = parts;
    this.id = parts.id;
    this.#client = client;
    this.#server = connect({ host: '127.0.0.1', port: parts.target, noDelay: true, allowHalfOpen: true });
    this.#write = parts.write;
    client.setNoDelay(true);
    this.up = new FaultPipe(this, client, this.#server, parts.random);
    this.down = new FaultPipe(this, this.#server, client, parts.random);
    this.#write('open');
    client.on('error', () => {});
    this.#server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.syscall === 'connect') this.#write('unreachable', error.code);
    });
    this.gone = new Promise((resolve) => {
      let open = 2;
      const onClose = (pipe: FaultPipe, other: Socket) => (hadError: boolean) => {
        // A reset travels; an orderly end has already been queued as the end of the stream.
        if (hadError && !pipe.swallows && !other.destroyed) other.resetAndDestroy();
        open -= 1;
        if (open > 0) return;
        this.up.close();
        this.down.close();
        this.#write('closed', `${this.up.forwarded} up, ${this.down.forwarded} down`);
        parts.onClosed();
        resolve();
      };
      client.once('close', onClose(this.up, this.#server));
      this.#server.once('close', onClose(this.down, client));
    });
  }

  /** Whether both sockets are gone. */
  get closed(): boolean {
    return this.#client.closed && this.#server.closed;
  }

  /** Resets both sides at once; what is under way is lost. */
  rst(): void {
    this.cut('rst');
  }

  /** Ends both sides politely, without any WebSocket close frame; what is under way is lost. */
  fin(): void {
    this.#write('fin');
    this.up.close();
    this.down.close();
    for (const socket of [this.#client, this.#server]) {
      socket.end();
      // Nothing more is forwarded, but it must be read, or the other end's answer is never seen.
      socket.resume();
    }
  }

  /** Forwards nothing more and tells nobody, not even when one side goes away. {@link ProxyLink.pass} ends it. */
  blackhole(): void {
    this.#write('blackhole');
    this.up.stall();
    this.down.stall();
  }

  /** The client's side is reset; the server is not told, and what is under way to it stays under way. */
  loseClient(): void {
    this.#write('client lost');
    this.#client.resetAndDestroy();
  }

  /** Takes all rules away, a black hole included. */
  pass(): void {
    this.up.pass();
    this.down.pass();
  }

  cut(kind: CutKind): void {
    if (this.closed) return;
    this.#write(kind);
    this.destroy(kind);
  }

  /** Lets go of both sockets and every timer. */
  destroy(kind: CutKind = 'destroy'): void {
    this.up.close();
    this.down.close();
    for (const socket of [this.#client, this.#server]) {
      if (kind === 'rst') socket.resetAndDestroy();
      else socket.destroy();
    }
  }
}
