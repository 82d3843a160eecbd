import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { refuseUpgrade } from './refuse-upgrade.ts';

/** Listener of the `upgrade` event. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** The part of Node's HTTP and HTTPS servers that is used; Fastify's `app.server` and Express behind `http` fit. */
export interface UpgradeSource {
  on(event: 'upgrade', listener: UpgradeListener): unknown;
  off(event: 'upgrade', listener: UpgradeListener): unknown;
  listenerCount(event: 'upgrade'): number;
}

/** Who answers on one path. */
export interface UpgradeRoute {
  /** Whether it still takes connections; one that does not gives its path up to a newcomer. */
  readonly open: boolean;
  readonly upgrade: UpgradeListener;
}

/** How long other listeners have to begin an answer, milliseconds. */
const leftoverTime = 10_000;

const known = new WeakMap<UpgradeSource, UpgradeRoutes>();

/** Paths of one HTTP server and who answers on them; one `upgrade` listener, whatever the number of paths. */
export class UpgradeRoutes {
  readonly #source: UpgradeSource;
  readonly #routes = new Map<string, UpgradeRoute>();

  private constructor(source: UpgradeSource) {
    this.#source = source;
  }

  static of(source: UpgradeSource): UpgradeRoutes {
    let routes = known.get(source);
    if (routes === undefined) {
      routes = new UpgradeRoutes(source);
      known.set(source, routes);
    }
    return routes;
  }

  /**
   * Enters a route; returns the function that removes it.
   *
   * @throws TypeError when the path has an open route already
   */
  add(path: string, route: UpgradeRoute): () => void {
    if (this.#routes.get(path)?.open === true) {
      throw new TypeError(
        `"${path}" of this HTTP server is attached already; detach that one first, or take another path.`,
      );
    }
    this.#routes.set(path, route);
    if (this.#routes.size === 1) {
      this.#source.off('upgrade', this.#upgrade);
      this.#source.on('upgrade', this.#upgrade);
    }
    return () => {
      if (this.#routes.get(path) !== route) return;
      this.#routes.delete(path);
      if (this.#routes.size === 0) this.#source.off('upgrade', this.#upgrade);
    };
  }

  readonly #upgrade: UpgradeListener = (request, socket, head) => {
    const route = this.#routes.get((request.url ?? '/').split('?', 1)[0] as string);
    if (route !== undefined) {
      route.upgrade(request, socket, head);
      return;
    }
    if (this.#source.listenerCount('upgrade') > 1) leaveToOthers(socket);
    else refuseUpgrade(socket, { status: 404, text: 'There is no WebSocket endpoint at this path.' });
  };
}

/** Nobody reads a socket nobody took, so even its end would go unnoticed: it would stay open for ever. */
function leaveToOthers(socket: Duplex): void {
  const timer = setTimeout(() => {
    if ((socket as Socket).bytesWritten === 0) socket.destroy();
  }, leftoverTime);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}
