import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type Server, type ServerOptions } from 'ws';
import { requestInfo } from '../request-info.ts';
import type { Adapter, AdapterHost } from './adapter.ts';
import { FramingSocket } from './framing-socket.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import { UpgradeRoutes, type UpgradeListener, type UpgradeSource } from './upgrade-routes.ts';

/** Where a server listens on an HTTP server. */
export interface AttachOptions {
  /** Path of the endpoint, compared exactly, without the query. @defaultValue `'/'` */
  readonly path?: string;
}

/** Options of `ws` that its type declarations do not know yet. */
interface NewerOptions {
  readonly closeTimeout: number;
  readonly maxPendingAutoPongs: number;
}

/** How long a socket may take to close before it is dropped, milliseconds. */
const closeTime = 2_000;
/** How long {@link WsAdapter.close} waits for the last socket; the links drop theirs before. */
const goneTime = closeTime + 500;

/** Node's HTTP servers and `ws`. */
export class WsAdapter implements Adapter<UpgradeSource, AttachOptions> {
  readonly #host: AdapterHost;
  readonly #server: Server<typeof FramingSocket>;
  #open = true;

  constructor(host: AdapterHost) {
    this.#host = host;
    this.#server = new WebSocketServer(socketOptions(host));
  }

  attach(source: UpgradeSource, options: AttachOptions = {}): () => void {
    if (typeof (source as Partial<UpgradeSource> | undefined)?.on !== 'function') {
      throw new TypeError('`attach` takes a Node HTTP or HTTPS server, such as createServer() of node:http returns.');
    }
    const isOpen = (): boolean => this.#open;
    return UpgradeRoutes.of(source).add(checkPath(options.path ?? '/'), {
      get open() {
        return isOpen();
      },
      upgrade: this.#upgrade,
    });
  }

  async close(): Promise<void> {
    this.#open = false;
    const sockets = [...this.#server.clients];
    this.#server.close();
    const gone = sockets.map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())));
    const timer = setTimeout(() => {
      for (const socket of sockets) socket.terminate();
    }, goneTime);
    await Promise.all(gone);
    clearTimeout(timer);
  }

  readonly #upgrade: UpgradeListener = (request, socket, head) => {
    try {
      this.#take(request, socket, head);
    } catch (cause) {
      socket.destroy();
      this.#host.failed('a request could not be upgraded', cause);
    }
  };

  #take(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const info = requestInfo(request);
    const refusal = this.#host.refuses(info);
    if (refusal !== undefined) {
      refuseUpgrade(socket, refusal);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (open: FramingSocket) => {
      open.writeTo(socket);
      this.#host.accept(open, info);
    });
  }
}

function socketOptions({
  subprotocols,
  maxMessageBytes,
}: AdapterHost): ServerOptions<typeof FramingSocket> & NewerOptions {
  return {
    WebSocket: FramingSocket,
    noServer: true,
    clientTracking: true,
    // Compression costs memory per connection, and mixes secrets with text of attackers (S15).
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    // A message in very many pieces costs more memory than its bytes (H16); no sender has a reason for either.
    maxFragments: 1_024,
    maxBufferedChunks: 16_384 + Math.ceil(maxMessageBytes / 256),
    maxPendingAutoPongs: 16,
    closeTimeout: closeTime,
    skipUTF8Validation: false,
    handleProtocols: (offered) => chooseSubprotocol([...offered], subprotocols),
  };
}

/**
 * The client's first choice that is spoken here.
 *
 * When none is, its first choice is confirmed all the same: browsers and `ws` report a handshake without a sub-protocol
 * exactly like a broken link, which is tried again for ever. Opened, the socket can be closed with 4406, which says it.
 */
export function chooseSubprotocol(offered: readonly string[], spoken: readonly string[]): string | false {
  return offered.find((name) => spoken.includes(name)) ?? offered[0] ?? false;
}

function checkPath(path: unknown): string {
  if (typeof path !== 'string' || !/^\/(?!\/)[^?#]*$/.test(path)) {
    throw new TypeError(
      `\`path\` is ${JSON.stringify(path)}; it takes a path that begins with "/", without query, such as "/ws".`,
    );
  }
  return new URL(path, 'http://host.invalid').pathname;
}
