import { once } from 'node:events';
import { createServer as createHttp, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient, type Client, type ClientOptions, type ConnectionState } from '@hawser/core';
import { FaultProxy } from '../support/fault-proxy.ts';
import { watchResources, type ResourceWatch } from '../support/resources.ts';
import { until } from '../support/until.ts';
import type { UpgradeSource } from '../../src/adapters/upgrade-routes.ts';
import { fleet, type Fleet } from './fleet.ts';

/** Retries at once: tests wait for facts, not for backoff. */
const hasty = { minDelay: 0, maxDelay: 20 };

/** What a test of this package stands on: HTTP servers, clients and cables; all of it is gone, or the test fails. */
export class Stage {
  readonly #resources: ResourceWatch = watchResources();
  readonly #ends: (() => unknown)[] = [];

  /** Closes this at the end, after what was added later. */
  use<T extends AsyncDisposable>(thing: T): T {
    this.#ends.push(() => thing[Symbol.asyncDispose]());
    return thing;
  }

  /** Listens on a free port; returns it. */
  async listen(
    http: Pick<HttpServer, 'listen' | 'address' | 'close' | 'once' | 'closeAllConnections'>,
  ): Promise<number> {
    const listening = once(http as HttpServer, 'listening');
    http.listen(0, '127.0.0.1');
    await listening;
    this.#ends.push(async () => {
      const closed = once(http as HttpServer, 'close');
      http.close();
      http.closeAllConnections();
      await closed;
    });
    return (http.address() as AddressInfo).port;
  }

  /** An HTTP server with one Hawser server on a path; returns its port. */
  async serve(
    server: AsyncDisposable & { attach(http: UpgradeSource, options?: { path?: string }): unknown },
    path = '/ws',
  ): Promise<number> {
    const http = createHttp();
    server.attach(http, { path });
    const port = await this.listen(http);
    this.use(server);
    return port;
  }

  /** A client of the fleet contract. */
  client(port: number, options: Partial<ClientOptions<Fleet>> = {}): Client<Fleet> {
    return this.use(createClient({ contract: fleet, url: `ws://127.0.0.1:${port}/ws`, reconnect: hasty, ...options }));
  }

  /** A cable to a port that can be cut. */
  async cable(port: number): Promise<FaultProxy> {
    const proxy = await FaultProxy.start({ target: port });
    this.#ends.push(() => proxy.close());
    return proxy;
  }

  /** Takes everything down, newest first, and fails if a timer or a socket is left. */
  async strike(): Promise<void> {
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) await end();
    await this.#resources.done();
  }
}

/** Resolves with the state once it has this status. */
export async function reaches<S extends ConnectionState['status']>(
  client: Client<Fleet>,
  status: S,
): Promise<Extract<ConnectionState, { status: S }>> {
  await until(
    `the client is ${status}`,
    () => client.state.status === status,
    4_000,
    () => client.state,
  );
  return client.state as Extract<ConnectionState, { status: S }>;
}
