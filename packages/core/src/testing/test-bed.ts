import { acceptDefaults } from '../accept/defaults.ts';
import type { AcceptOptions } from '../accept/accept-options.ts';
import { Acceptor } from '../accept/acceptor.ts';
import { PeerRegistrations } from '../accept/peer-registrations.ts';
import type { ServerCore, ServerHandlerContext } from '../accept/server-surface.ts';
import type { Client } from '../client/client-surface.ts';
import { HawserClient } from '../client/client.ts';
import type { ClientOptions } from '../client/options.ts';
import { resolveOptions } from '../client/resolve-options.ts';
import { systemClock, type Clock } from '../driver/clock.ts';
import type { Contract } from '../peer/contract.ts';
import type { HandledName } from '../peer/contract-types.ts';
import type { AnyHandler } from '../peer/peer-host.ts';
import type { Handler, Problem } from '../peer/peer-surface.ts';
import { systemError } from '../shared/errors.ts';
import { jsonCodec } from '../wire/json-codec.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryNetwork } from './memory-network.ts';

/** Options of {@link createTestBed}. */
export interface TestBedOptions<C extends Contract> {
  /** `virtual`: time moves only by `bed.clock.advance`. `real`: the system's clock. @defaultValue `'virtual'` */
  readonly clock?: 'virtual' | 'real';
  /** Seed of jitter and latency under the virtual clock. @defaultValue 1 */
  readonly seed?: number;
  /** Further options of the client, except its address and socket. */
  readonly client?: Omit<Partial<ClientOptions<C>>, 'contract' | 'url' | 'WebSocket' | 'clock'>;
  /** Further options of the server. */
  readonly server?: Partial<Omit<AcceptOptions<unknown, undefined>, 'contract' | 'clock' | 'hash' | 'onProblem'>>;
}

/** The server of a test bed: the accepting side of the real protocol, in memory. */
export interface TestServer<C extends Contract> extends ServerCore<C, unknown> {
  /** Answers one call, stream or upload for every peer; returns the function that stops. */
  handle<N extends HandledName<C['clientToServer']>>(
    name: N,
    handler: Handler<C['clientToServer'][N], ServerHandlerContext<C['clientToServer'][N], C, unknown>>,
  ): () => void;
  /** What went wrong on the server without ending anything. */
  readonly problems: readonly Problem[];
  /** As if its process were killed and started again: sessions are gone, connections are cut, handlers stay. */
  restart(): void;
}

/** A client and a server joined by memory, for the tests of an application. */
export interface TestBed<C extends Contract> extends AsyncDisposable {
  readonly client: Client<C>;
  readonly server: TestServer<C>;
  /** The network between them: cut it, slow it, read its log. */
  readonly link: MemoryNetwork;
  /** Moves the time under `clock: 'virtual'`; throws under `'real'`. */
  readonly clock: ManualClock;
  /** One more client of the same server. */
  connectClient(options?: TestBedOptions<C>['client']): Client<C>;
}

/** Joins the real client and the accepting side over an in-memory network. */
export function createTestBed<C extends Contract>(contract: C, options: TestBedOptions<C> = {}): TestBed<C> {
  const manual = options.clock === 'real' ? undefined : new ManualClock(options.seed);
  const clock: Clock = manual ?? systemClock();
  const problems: Problem[] = [];
  const report = (problem: Problem): void => {
    problems.push(problem);
  };
  const registrations = new PeerRegistrations((name, cause) =>
    report({ kind: 'handler-error', name, error: systemError('INTERNAL', 'A listener threw.', { cause }) }),
  );
  const acceptOptions: AcceptOptions<unknown, undefined> = {
    ...acceptDefaults,
    authenticate: ({ auth }) => auth,
    principal: (auth) => JSON.stringify(auth) ?? '',
    codecs: [options.client?.codec ?? jsonCodec],
    ...options.server,
    contract,
    clock,
    // Tests need no secrecy, and a readable token in a failing test is a help.
    hash: (token) => token,
    onProblem: report,
  };
  const peerListeners = new Set<Parameters<Acceptor<unknown, undefined>['onPeer']>[0]>();
  const endListeners = new Set<Parameters<Acceptor<unknown, undefined>['onPeerEnd']>[0]>();
  const start = (): Acceptor<unknown, undefined> => {
    const acceptor = new Acceptor(acceptOptions, registrations);
    acceptor.onPeer((peer) => {
      for (const listener of peerListeners) listener(peer);
    });
    acceptor.onPeerEnd((peer, end) => {
      for (const listener of endListeners) listener(peer, end);
    });
    return acceptor;
  };
  let acceptor = start();
  const subprotocols = acceptOptions.codecs.map((codec) => codec.subprotocol);
  const network = new MemoryNetwork(clock, subprotocols, (socket) => acceptor.accept(socket, undefined));
  const clients: HawserClient[] = [];
  const connectClient = (more: TestBedOptions<C>['client'] = {}): Client<C> => {
    const socketClass = network.socketClass();
    const client = new HawserClient(
      resolveOptions(
        { ...options.client, ...more, contract, url: 'ws://test.invalid/', clock, WebSocket: socketClass },
        socketClass,
      ),
    );
    clients.push(client);
    return client as unknown as Client<C>;
  };
  const server = {
    get peers() {
      return acceptor.peers;
    },
    problems,
    on: (name: string, listener: Parameters<PeerRegistrations['on']>[1]) => registrations.on(name, listener),
    handle: (name: string, handler: AnyHandler) => registrations.handle(name, handler),
    broadcast: (name: string, data?: unknown) => acceptor.broadcast(name, data),
    publish: (name: string, params: unknown, data: unknown) => acceptor.topics.publish(name, params, data),
    subscribers: (name: string, params: unknown) => acceptor.topics.subscribers(name, params),
    endTopic: (name: string, params: unknown) => acceptor.topics.endTopic(name, params),
    onPeer: (listener: Parameters<Acceptor<unknown, undefined>['onPeer']>[0]) => {
      peerListeners.add(listener);
      return () => void peerListeners.delete(listener);
    },
    onPeerEnd: (listener: Parameters<Acceptor<unknown, undefined>['onPeerEnd']>[0]) => {
      endListeners.add(listener);
      return () => void endListeners.delete(listener);
    },
    restart: () => {
      const killed = acceptor;
      acceptor = start();
      network.drop();
      void killed.close(0, 1006);
    },
  };
  return {
    client: connectClient(),
    server: server as unknown as TestServer<C>,
    link: network,
    get clock() {
      if (manual === undefined)
        throw new TypeError("This test bed runs on the real clock; make it with { clock: 'virtual' }.");
      return manual;
    },
    connectClient,
    async [Symbol.asyncDispose]() {
      const closing = clients.map((client) => client.close());
      await manual?.advance(5_000);
      await Promise.all([...closing, acceptor.close(0, 1001)]);
    },
  };
}
