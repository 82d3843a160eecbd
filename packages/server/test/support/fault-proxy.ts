import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type LinkEvent, ProxyLink } from './fault-link.ts';
import type { Direction, Rules } from './fault-pipe.ts';

/** One line of the proxy's diary. */
export interface ProxyEvent {
  /** Milliseconds since the proxy started. */
  readonly at: number;
  /** Number of the link, from 1; 0 for the proxy itself. */
  readonly link: number;
  readonly event: LinkEvent | 'refused' | 'rule';
  readonly detail?: string;
}

/** Where a proxy leads, and the chance it uses. */
export interface ProxyOptions {
  /** Port of the real server on 127.0.0.1. */
  readonly target: number;
  /** Jitter of `delay`, in [0, 1). @defaultValue `Math.random` */
  readonly random?: () => number;
}

/** A TCP proxy on 127.0.0.1 that fails on demand; everything it does is decided in this process, at once. */
export class FaultProxy {
  readonly port: number;
  /** Rules of every live and every future link, client to server. */
  readonly up: Rules;
  /** Rules of every live and every future link, server to client. */
  readonly down: Rules;
  /** What happened, oldest first. Bytes are counted on the links, not logged. */
  readonly log: ProxyEvent[] = [];
  /** Live links, oldest first. */
  readonly links: ProxyLink[] = [];
  /** Links ever opened. */
  opened = 0;

  #target: number;
  readonly #random: () => number;
  readonly #server: Server;
  readonly #started = performance.now();
  readonly #preset: Record<Direction, Map<keyof Rules, unknown[]>> = { up: new Map(), down: new Map() };
  readonly #onLink = new Set<(link: ProxyLink) => void>();
  #refusing = false;
  #hole = false;

  private constructor(options: ProxyOptions, server: Server) {
    this.#target = options.target;
    this.#random = options.random ?? Math.random;
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    this.up = this.#rulesFor('up');
    this.down = this.#rulesFor('down');
    server.on('connection', (socket: Socket) => this.#connected(socket));
  }

  /** Starts on a free port. */
  static async start(options: ProxyOptions): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true });
    await listen(server, 0);
    return new FaultProxy(options, server);
  }

  /** Calls `fn` with every new link before its first byte; returns the function that stops. */
  onLink(fn: (link: ProxyLink) => void): () => void {
    this.#onLink.add(fn);
    return () => this.#onLink.delete(fn);
  }

  /** Calls `fn` with the next new link only. */
  onNextLink(fn: (link: ProxyLink) => void): void {
    const off = this.onLink((link) => {
      off();
      fn(link);
    });
  }

  /** Resets every live link. */
  rst(): void {
    for (const link of [...this.links]) link.rst();
  }

  /** Ends every live link politely. */
  fin(): void {
    for (const link of [...this.links]) link.fin();
  }

  /** Every live and future link forwards nothing and tells nobody, until {@link FaultProxy.pass}. */
  blackhole(): void {
    this.#hole = true;
    for (const link of this.links) link.blackhole();
  }

  /** Takes all rules away, from live and future links. */
  pass(): void {
    this.#hole = false;
    this.#preset.up.clear();
    this.#preset.down.clear();
    for (const link of this.links) link.pass();
  }

  /** New links lead to another port of 127.0.0.1; live ones stay. */
  retarget(port: number): void {
    this.#target = port;
  }

  /** New connections fail with ECONNREFUSED until {@link FaultProxy.accept}; live links go on. */
  refuse(): void {
    if (this.#refusing) return;
    this.#refusing = true;
    this.#write(0, 'refused');
    this.#server.close();
  }

  /** Ends {@link FaultProxy.refuse}; same port. */
  async accept(): Promise<void> {
    if (!this.#refusing) return;
    await listen(this.#server, this.port);
    this.#refusing = false;
  }

  /** Drops every link and stops; resolves when no socket and no timer is left. */
  async close(): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      // A server that is refusing is closed already; asking again reports an error that means the same.
      this.#server.close(() => resolve());
    });
    this.#onLink.clear();
    const links = [...this.links];
    for (const link of links) link.destroy();
    await Promise.all([stopped, ...links.map((link) => link.gone)]);
  }

  #connected(socket: Socket): void {
    this.opened += 1;
    const id = this.opened;
    const link: ProxyLink = new ProxyLink({
      id,
      client: socket,
      target: this.#target,
      random: this.#random,
      write: (event, detail) => this.#write(id, event, detail),
      onClosed: () => this.links.splice(this.links.indexOf(link), 1),
    });
    this.links.push(link);
    for (const direction of ['up', 'down'] as const) {
      for (const [rule, args] of this.#preset[direction]) apply(link[direction], rule, args);
    }
    if (this.#hole) link.blackhole();
    for (const fn of [...this.#onLink]) fn(link);
  }

  #rulesFor(direction: Direction): Rules {
    const rule =
      (name: keyof Rules) =>
      (...args: unknown[]): void => {
        const preset = this.#preset[direction];
        if (name === 'pass') preset.clear();
        else if (name === 'release') preset.delete('stall');
        else preset.set(name, args);
        this.#write(0, 'rule', `${direction} ${name} ${args.join(' ')}`.trimEnd());
        for (const link of [...this.links]) apply(link[direction], name, args);
      };
    return {
      pass: rule('pass'),
      drop: rule('drop'),
      stall: rule('stall'),
      release: rule('release'),
      cutAfter: rule('cutAfter'),
      delay: rule('delay'),
      rate: rule('rate'),
      slice: rule('slice'),
    };
  }

  #write(link: number, event: ProxyEvent['event'], detail?: string): void {
    const at = Math.round(performance.now() - this.#started);
    this.log.push(detail === undefined ? { at, link, event } : { at, link, event, detail });
  }
}

function apply(rules: Rules, name: keyof Rules, args: unknown[]): void {
  (rules[name] as (...args: unknown[]) => void).apply(rules, args);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
