import type { Clock } from '../driver/clock.ts';
import type { SocketClass } from '../driver/socket.ts';
import type { Encoded } from '../wire/codec.ts';
import { MemorySocket, type SocketWire } from './memory-socket.ts';

/** One WebSocket message or event on the wire. */
export interface WireLogEntry {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Number of the connection, from 1. */
  readonly connection: number;
  /** Whose doing it was. */
  readonly direction: 'client' | 'server';
  readonly event: 'open' | 'message' | 'close';
  readonly data: Encoded | undefined;
  /** Code of a `close`. */
  readonly code: number | undefined;
}

/** How a network treats new connections. Milliseconds. */
export interface NetworkConditions {
  /** Time one way. @defaultValue 0 */
  readonly latency?: number;
  /** Random addition to the latency; order is kept. @defaultValue 0 */
  readonly jitter?: number;
}

/** One end of a connection. */
export type Side = 'client' | 'server';

/** How a cable is pulled. */
export interface DropOptions {
  /** What the client's socket reports. @defaultValue 1006 */
  readonly code?: number;
  /** What the server's socket reports. @defaultValue the same */
  readonly serverCode?: number;
  /** Whether data under way still arrives before each end notices, or only at this end. @defaultValue false */
  readonly late?: boolean | Side;
  /** Which ends notice; the other keeps a dead socket. @defaultValue `'both'` */
  readonly noticed?: 'both' | 'client' | 'server' | 'none';
}

/** How many log entries are kept; the oldest go first. */
const maxLog = 10_000;

/** One connection between two memory sockets. */
class MemoryConnection {
  readonly number: number;
  readonly client: MemorySocket;
  readonly server: MemorySocket = new MemorySocket('', 'server');
  readonly #network: MemoryNetwork;
  readonly #lastArrival = { client: 0, server: 0 };
  /** Directions that swallow everything, named by the receiver. */
  readonly #dead = new Set<Side>();
  readonly #buffered = { client: 0, server: 0 };
  cut = false;

  constructor(network: MemoryNetwork, number: number, client: MemorySocket) {
    this.#network = network;
    this.number = number;
    this.client = client;
  }

  /** Sockets that are in use or dying. */
  get open(): number {
    // A server's socket that was never handed to anybody holds nothing.
    return [this.client.readyState !== 3, this.server.readyState % 3 !== 0].filter(Boolean).length;
  }

  wire(from: Side): SocketWire {
    const to: Side = from === 'client' ? 'server' : 'client';
    const buffered = (): number => this.#buffered[from];
    return {
      transmit: (data) => {
        this.#network.note(this.number, from, 'message', data);
        if (this.#dead.has(to)) {
          this.#buffered[from] += data.length;
          return;
        }
        this.#later(to, () => {
          if (!this.#dead.has(to)) this[to].delivered(data);
        });
      },
      close: (code, reason) => {
        this.#network.note(this.number, from, 'close', undefined, code);
        if (this.#dead.has(to)) return;
        this.#later(to, () => this[to].ended(code, reason));
        this.#later(from, () => this[from].ended(code, reason));
      },
      terminate: () => {
        this.#network.note(this.number, from, 'close', undefined, 1006);
        this.#network.defer(() => this[from].ended(1006, ''));
        if (!this.#dead.has(to)) this.#later(to, () => this[to].ended(1006, ''));
      },
      get buffered() {
        return buffered();
      },
    };
  }

  drop(options: DropOptions): void {
    const { code = 1006, serverCode = code, late = false, noticed = 'both' } = options;
    this.cut = true;
    for (const side of ['client', 'server'] as const) {
      const end = (): void => {
        this.#dead.add(side);
        if (noticed === 'both' || noticed === side) this[side].ended(side === 'client' ? code : serverCode, '');
      };
      if (late === true || late === side) this.#later(side, end);
      else end();
    }
  }

  /** Nothing passes any more and nobody is told. */
  halfOpen(): void {
    this.drop({ noticed: 'none' });
  }

  #later(to: Side, fn: () => void): void {
    this.#lastArrival[to] = this.#network.schedule(this.#lastArrival[to], fn);
  }
}

/** A network in memory: connects client sockets to whoever accepts, with latency, cuts, late delivery and half-open links. */
export class MemoryNetwork {
  readonly #clock: Clock;
  readonly #accept: (socket: MemorySocket) => void;
  readonly #subprotocols: readonly string[];
  #conditions: Required<NetworkConditions> = { latency: 0, jitter: 0 };
  #refusals = 0;
  #connections: MemoryConnection[] = [];
  #count = 0;
  /** What went over the wire, oldest first; bounded. */
  readonly log: WireLogEntry[] = [];

  constructor(clock: Clock, subprotocols: readonly string[], accept: (socket: MemorySocket) => void) {
    this.#clock = clock;
    this.#subprotocols = subprotocols;
    this.#accept = accept;
  }

  /** How many connections were made. */
  get connections(): number {
    return this.#count;
  }

  /** Sockets of both ends that are not closed yet, for leak checks. */
  get open(): number {
    return this.#connections.reduce((sum, connection) => sum + connection.open, 0);
  }

  /** A socket class whose sockets live on this network. */
  socketClass(): SocketClass {
    const connect = (socket: MemorySocket, protocols: string[]): void => this.#connect(socket, protocols);
    return class extends MemorySocket {
      constructor(url: string, protocols: string[]) {
        super(url);
        connect(this, protocols);
      }
    };
  }

  /** Latency of everything sent from now on. */
  conditions(conditions: NetworkConditions): void {
    this.#conditions = { latency: 0, jitter: 0, ...conditions };
  }

  /** The next `count` dials fail. */
  refuse(count: number): void {
    this.#refusals = count;
  }

  /** Cuts every connection, also those that are still being set up, or dead at one end. */
  drop(options: DropOptions = {}): void {
    for (const connection of this.#live()) connection.drop(options);
  }

  /** Open connections stay open and swallow everything. */
  halfOpen(): void {
    for (const connection of this.#live()) connection.halfOpen();
  }

  note(connection: number, direction: Side, event: WireLogEntry['event'], data?: Encoded, code?: number): void {
    this.log.push({ at: this.#clock.now(), connection, direction, event, data, code });
    if (this.log.length > maxLog) this.log.splice(0, maxLog / 2);
  }

  /** Runs `fn` after the latency, never before what was sent earlier; returns when. */
  schedule(after: number, fn: () => void): number {
    const { latency, jitter } = this.#conditions;
    const now = this.#clock.now();
    const at = Math.max(after, now + latency + (jitter === 0 ? 0 : this.#clock.random() * jitter));
    if (at <= now) this.#clock.defer(fn);
    else this.#clock.setTimer(fn, at - now);
    return at;
  }

  defer(fn: () => void): void {
    this.#clock.defer(fn);
  }

  #live(): readonly MemoryConnection[] {
    this.#connections = this.#connections.filter(({ open }) => open > 0);
    return this.#connections;
  }

  #connect(client: MemorySocket, offered: readonly string[]): void {
    this.#count += 1;
    const connection = new MemoryConnection(this, this.#count, client);
    this.#connections = [...this.#live(), connection];
    client.connected(connection.wire('client'), '');
    const refused = this.#refusals > 0;
    if (refused) this.#refusals -= 1;
    this.schedule(0, () => {
      if (client.readyState !== 0 || connection.cut) return;
      if (refused) {
        client.ended(1006, '');
        return;
      }
      const protocol = offered.find((name) => this.#subprotocols.includes(name)) ?? '';
      client.connected(connection.wire('client'), protocol);
      connection.server.connected(connection.wire('server'), protocol);
      connection.server.readyState = 1;
      this.#accept(connection.server);
      // The server is ready before the client learns that it is open, as on a real socket.
      client.opened();
      this.note(connection.number, 'client', 'open');
    });
  }
}
