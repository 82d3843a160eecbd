import type { ServeOptions } from '../compare/adapter.ts';
import type { AdapterName } from '../compare/adapters.ts';
import { Worker } from '../harness/rpc.ts';
import type { Usage } from '../harness/usage.ts';
import type { Memory } from './clock.ts';
import type { Returns } from './crowd-client.ts';
import type { Telling } from './crowd-server.ts';

/** CPU time, microseconds, and memory, bytes, of both ends. */
export interface Ends<T> {
  readonly server: T;
  /** Of all client processes together. */
  readonly clients: T;
}

/** What a server and all clients did: CPU and wall time, microseconds. */
export interface Spent extends Ends<number> {
  readonly wall: number;
}

/** A process may open some 20,000 files; so many clients in each, from an address of its own, leaves room everywhere. */
const processes = 4;
/** Of things that wait for 10,000 connections, milliseconds. */
const patience = 90_000;
/** Until all are back from a killed server, milliseconds: who fails on a busy machine waits up to half a minute. */
const returnPatience = 150_000;

/** One server process, and its many clients in a few processes. Connection `i` is in process `i` modulo their number. */
export class Crowd {
  readonly name: AdapterName;
  readonly #clients: readonly Worker[];
  #server: Worker;
  #port = 0;
  #size = 0;

  constructor(name: AdapterName) {
    this.name = name;
    this.#server = this.#startServer();
    this.#clients = Array.from(
      { length: processes },
      (_, i) =>
        new Worker(
          new URL('crowd-client.ts', import.meta.url),
          `${name} clients ${i}`,
          [name, `127.0.0.${i + 2}`],
          ['--expose-gc'],
        ),
    );
  }

  get size(): number {
    return this.#size;
  }

  async serve(options: ServeOptions): Promise<void> {
    this.#port = await this.#server.ask<number>('serve', { port: this.#port, ...options });
  }

  /** Opens connections until there are so many. */
  async growTo(size: number): Promise<Spent> {
    const [before, began] = [this.#size, performance.now()];
    await this.#server.ask('begin');
    const spent = await Promise.all(
      this.#clients.map((client, i) =>
        client.ask<Usage>('open', { port: this.#port, count: shareOf(size, i) - shareOf(before, i) }, patience),
      ),
    );
    const { cpu } = await this.#server.ask<Usage>('end');
    this.#size = size;
    return { server: cpu, clients: sum(spent.map((usage) => usage.cpu)), wall: (performance.now() - began) * 1_000 };
  }

  /** What goes on meanwhile costs; throws when an end did not validate what arrived there. */
  async spent(work: () => Promise<void>): Promise<Spent> {
    await Promise.all([this.#server.ask('begin'), ...this.#clients.map((client) => client.ask('begin'))]);
    const began = performance.now();
    await work();
    const wall = (performance.now() - began) * 1_000;
    const clients = await Promise.all(this.#clients.map((client) => client.ask<Usage>('end')));
    return { server: (await this.#server.ask<Usage>('end')).cpu, clients: sum(clients.map(({ cpu }) => cpu)), wall };
  }

  /**
   * The server tells `among` connections; resolves when all have it, once and in order, with the milliseconds that took.
   * The others may get nothing.
   */
  async tell(telling: Telling, among: number = this.#size): Promise<number> {
    const each = telling.together * telling.apart;
    await Promise.all(this.#clients.map((client, i) => client.ask('arm', { each, among: shareOf(among, i) })));
    const arrived = this.#clients.map((client) => client.ask<number>('arrived', undefined, patience));
    const [began, ...ends] = await Promise.all([this.#server.ask<number>('tell', telling, patience), ...arrived]);
    return Math.max(...ends) - began;
  }

  /** Subscribes the connections from `first` up to `end`, each to one of the topics in turn. */
  async subscribe(topics: readonly string[], first: number, end: number): Promise<void> {
    await Promise.all(
      this.#clients.map((client, i) => {
        // Each process takes its own topics in turn; their number is a multiple of that of the processes, or one.
        const names = topics.length === 1 ? topics : topics.filter((_, at) => at % processes === i);
        return client.ask('subscribe', { first: shareOf(first, i), end: shareOf(end, i), names }, patience);
      }),
    );
  }

  /** Calls over all connections in turn. */
  async calls(count: number, inflight: number): Promise<void> {
    const busy = this.#clients.slice(0, Math.min(processes, this.#size));
    await Promise.all(
      busy.map((client) =>
        client.ask('calls', { count: count / busy.length, inflight: inflight / busy.length }, patience),
      ),
    );
  }

  async memory(): Promise<Ends<Memory>> {
    const clients = await Promise.all(this.#clients.map((client) => client.ask<Memory>('memory')));
    return {
      server: await this.#server.ask<Memory>('memory'),
      clients: { heap: sum(clients.map(({ heap }) => heap)), rss: sum(clients.map(({ rss }) => rss)) },
    };
  }

  /** Kills the server as the kernel does it when memory runs out, and starts another on the same port at once. */
  async replaceServer(options: ServeOptions): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.ask('watch')));
    await this.#server.kill();
    this.#server = this.#startServer();
    await this.serve(options);
  }

  /** What every client went through until it was back. */
  async returns(): Promise<Returns> {
    const all = await Promise.all(
      this.#clients.map((client) => client.ask<Returns>('returned', undefined, returnPatience)),
    );
    return {
      dials: all.flatMap(({ dials }) => dials),
      lost: all.flatMap(({ lost }) => lost),
      back: all.flatMap(({ back }) => back),
    };
  }

  /** How often each was told since the kill that its session is lost. */
  async losses(): Promise<number[]> {
    return (await Promise.all(this.#clients.map((client) => client.ask<number[]>('losses')))).flat();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#clients, this.#server].map((worker) => worker.stop()));
  }

  #startServer(): Worker {
    const file = new URL('crowd-server.ts', import.meta.url);
    return new Worker(file, `${this.name} server`, [this.name], ['--expose-gc']);
  }
}

/** How many of the first `size` connections are in process `i`. */
function shareOf(size: number, i: number): number {
  return Math.floor((size + processes - 1 - i) / processes);
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, figure) => total + figure, 0);
}
