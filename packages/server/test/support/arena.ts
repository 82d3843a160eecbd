import { createServer as createHttp, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Problem } from '@hawser/core';
import type { PeerEnd, ServerPeer } from '@hawser/core/endpoint';
import { createServer, type Server, type ServerOptions } from '@hawser/server';
import { ArenaClient, type ArenaClientOptions } from './arena-client.ts';
import { type ArenaContract, arenaContract } from './arena-contract.ts';
import { FaultProxy } from './fault-proxy.ts';
import { type ProcessFaults, watchProcess } from './process-faults.ts';
import { type ResourceWatch, watchResources } from './resources.ts';

/** Who a client of the arena is. */
export interface ArenaIdentity {
  readonly user: string;
}

/** What a test may say about the server. */
export type ArenaServerOptions = Partial<Omit<ServerOptions<ArenaContract, ArenaIdentity>, 'contract'>>;

type Peer = ServerPeer<ArenaContract, ArenaIdentity>;

interface Watches {
  readonly resources: ResourceWatch;
  readonly faults: ProcessFaults;
}

/** A real server on a real port, a proxy in front of it, and any number of real clients; all of it watched. */
export class Arena {
  readonly server: Server<ArenaContract, ArenaIdentity>;
  readonly port: number;
  readonly proxy: FaultProxy;
  /** Through the proxy. */
  readonly url: string;
  /** Past the proxy. */
  readonly directUrl: string;
  readonly problems: Problem[] = [];
  readonly ends: { readonly peer: Peer; readonly end: PeerEnd }[] = [];
  /** Numbers of `note` and `echo` by session, in order of arrival. */
  readonly delivered = new Map<string, number[]>();
  readonly #http: HttpServer;
  readonly #clients: ArenaClient[] = [];
  readonly #others: Arena[] = [];
  readonly #watches: Watches | undefined;
  #held: (() => void)[] = [];

  private constructor(http: HttpServer, proxy: FaultProxy, watches: Watches | undefined, options: ArenaServerOptions) {
    this.#http = http;
    this.#watches = watches;
    this.port = (http.address() as AddressInfo).port;
    this.proxy = proxy;
    this.url = `ws://127.0.0.1:${proxy.port}/ws`;
    this.directUrl = `ws://127.0.0.1:${this.port}/ws`;
    this.server = createServer({
      authenticate: ({ auth }) => ({ user: typeof auth === 'string' ? auth : 'somebody' }),
      ...options,
      contract: arenaContract,
    }).implement({
      echo: ({ n }, { peer }) => {
        this.#note(peer, n);
        return { n };
      },
      hold: (_, { signal }) =>
        new Promise((resolve, reject) => {
          this.#held.push(() => resolve({ n: 0 }));
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        }),
      vault: (_, { signal }) => neverBut(signal),
    });
    this.server.on('note', ({ n }, { peer }) => this.#note(peer, n));
    this.server.onProblem((problem) => this.problems.push(problem));
    this.server.onPeerEnd((peer, end) => this.ends.push({ peer, end }));
    this.server.attach(http, { path: '/ws' });
  }

  /** Starts on free ports. Call it first in a test, and {@link Arena.stop} last. */
  static async start(options: ArenaServerOptions = {}): Promise<Arena> {
    const watches = { resources: watchResources(), faults: watchProcess() };
    return Arena.#open(watches, options);
  }

  static async #open(watches: Watches | undefined, options: ArenaServerOptions): Promise<Arena> {
    const http = createHttp();
    await new Promise<void>((resolve) => {
      http.listen(0, '127.0.0.1', resolve);
    });
    const proxy = await FaultProxy.start({ target: (http.address() as AddressInfo).port });
    return new Arena(http, proxy, watches, options);
  }

  /** Another server that knows nothing of the first one's sessions, as after a restart; {@link Arena.stop} ends it too. */
  async another(options: ArenaServerOptions = {}): Promise<Arena> {
    const other = await Arena.#open(undefined, options);
    this.#others.push(other);
    return other;
  }

  /** One more client through the proxy; it is closed by {@link Arena.stop}. */
  client(options: ArenaClientOptions = {}, url = this.url): ArenaClient {
    const client = new ArenaClient(options.url ?? url, options);
    this.#clients.push(client);
    return client;
  }

  /** The only session there is. @throws Error when there is none or there are several */
  get peer(): Peer {
    const [peer, ...others] = this.server.peers.values();
    if (peer === undefined || others.length > 0)
      throw new Error(`There are ${this.server.peers.size} sessions, not one.`);
    return peer;
  }

  /** Numbers that arrived in one session. */
  from(session: string | undefined): readonly number[] {
    return this.delivered.get(session ?? '') ?? [];
  }

  /** Calls of `hold` that wait. */
  get held(): number {
    return this.#held.length;
  }

  /** Answers every waiting `hold`. */
  answerHeld(): void {
    const held = this.#held;
    this.#held = [];
    for (const answer of held) answer();
  }

  /**
   * Ends everything, and returns everything that must never be: illegal states, uncaught errors, warnings.
   *
   * @throws Error when a socket or a timer is left
   */
  async stop(): Promise<readonly string[]> {
    this.proxy.pass();
    const states = (await Promise.all(this.#clients.map((client) => client.close()))).flat();
    await this.server.close({ drain: 0 });
    await this.proxy.close();
    await new Promise<void>((resolve) => {
      this.#http.close(() => resolve());
      this.#http.closeAllConnections();
    });
    for (const other of this.#others) states.push(...(await other.stop()));
    if (this.#watches === undefined) return states;
    const { resources, faults } = this.#watches;
    await resources.done();
    faults.stop();
    return [...states, ...faults.found];
  }

  #note(peer: Peer, n: number): void {
    const list = this.delivered.get(peer.id);
    if (list === undefined) this.delivered.set(peer.id, [n]);
    else list.push(n);
  }
}

/** Ends with the signal and no sooner. */
export function neverBut(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

/** 1, 2, … `count`. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}
