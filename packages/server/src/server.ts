import type { Contract, ListenOptions, Problem, SocketLike } from '@hawser/core';
import {
  Acceptor,
  PeerRegistrations,
  systemError,
  type AnyMiddleware,
  type HostedPeer,
  type PeerEnd,
  type ServerMessageMeta,
} from '@hawser/core/endpoint';
import type { AdapterHost, UpgradeRefusal } from './adapters/adapter.ts';
import type { UpgradeSource } from './adapters/upgrade-routes.ts';
import { WsAdapter, type AttachOptions } from './adapters/ws.ts';
import { ProblemLog } from './problem-log.ts';
import type { RequestInfo } from './request-info.ts';
import type { ResolvedServerOptions } from './resolve-options.ts';
import type { ServerCloseOptions } from './server-surface.ts';

/** Smallest message size of a transport: a hello must fit whatever the limits are. `protocol/README.md` section 9. */
const helloBytes = 16_384;
/** Default of {@link ServerCloseOptions}, milliseconds. */
const defaultDrain = 1_000;

/** Handlers by name, without their types. */
export type LooseHandlers = Readonly<Record<string, Parameters<PeerRegistrations['handle']>[1]>>;

/** Joins acceptor, registrations and adapter; the interface {@link Server} is its typed face. */
export class HawserServer implements AsyncDisposable {
  readonly #options: ResolvedServerOptions;
  readonly #acceptor: Acceptor<unknown, RequestInfo>;
  readonly #registrations: PeerRegistrations;
  readonly #adapter: WsAdapter;
  readonly #log: ProblemLog;
  #problemListeners: readonly ((problem: Problem) => void)[] = [];
  #closing: Promise<void> | undefined;

  constructor(options: ResolvedServerOptions, handlers: LooseHandlers, middleware: readonly AnyMiddleware[]) {
    const { accept } = options;
    this.#options = options;
    this.#log = new ProblemLog(accept.clock);
    this.#registrations = new PeerRegistrations((name, cause) =>
      this.#report('handler-error', name, `A listener of "${name}" threw; the others were told.`, cause),
    );
    for (const [name, handler] of Object.entries(handlers)) this.#registrations.handle(name, handler);
    this.#acceptor = new Acceptor(
      { ...accept, middleware, onProblem: (problem) => this.#tell(problem) },
      this.#registrations,
    );
    this.#adapter = new WsAdapter(this.#adapterHost());
  }

  get contract(): Contract {
    return this.#options.accept.contract;
  }

  get peers(): ReadonlyMap<string, HostedPeer> {
    return this.#acceptor.peers;
  }

  attach(http: UpgradeSource, options?: AttachOptions): () => void {
    if (this.#closing !== undefined) {
      throw systemError('UNAVAILABLE', 'The server is closed; make a new one with createServer().', {
        retryable: false,
      });
    }
    return this.#adapter.attach(http, options);
  }

  on(
    name: string,
    listener: (data: unknown, meta: ServerMessageMeta) => void,
    options: ListenOptions = {},
  ): () => void {
    if (this.contract.clientToServer[name]?.kind !== 'message') {
      throw systemError('UNIMPLEMENTED', `The contract has no message "${name}" that clients may send.`);
    }
    const { signal } = options;
    if (signal?.aborted) return () => undefined;
    const remove = this.#registrations.on(name, listener);
    const stop = (): void => {
      signal?.removeEventListener('abort', stop);
      remove();
    };
    signal?.addEventListener('abort', stop);
    return stop;
  }

  broadcast(name: string, data?: unknown): void {
    this.#acceptor.broadcast(name, data);
  }

  publish(name: string, params: unknown, data?: unknown): void {
    this.#acceptor.topics.publish(name, params, data);
  }

  subscribers(name: string, params?: unknown): number {
    return this.#acceptor.topics.subscribers(name, params);
  }

  endTopic(name: string, params: unknown): void {
    this.#acceptor.topics.endTopic(name, params);
  }

  onPeer(listener: (peer: HostedPeer) => void): () => void {
    return this.#acceptor.onPeer(listener);
  }

  onPeerEnd(listener: (peer: HostedPeer, end: PeerEnd) => void): () => void {
    return this.#acceptor.onPeerEnd(listener);
  }

  onProblem(listener: (problem: Problem) => void): () => void {
    const entry = (problem: Problem): void => listener(problem);
    this.#problemListeners = [...this.#problemListeners, entry];
    return () => {
      this.#problemListeners = this.#problemListeners.filter((other) => other !== entry);
    };
  }

  close({ drain = defaultDrain }: ServerCloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(drain);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(drain: number): Promise<void> {
    await this.#acceptor.close(drain, 4512);
    await this.#adapter.close();
  }

  #adapterHost(): AdapterHost {
    const { codecs, accepts } = this.#options.accept;
    return {
      subprotocols: codecs.map((codec) => codec.subprotocol),
      maxMessageBytes: Math.max(helloBytes, accepts.frame),
      refuses: (request) => this.#refuses(request),
      accept: (socket: SocketLike, request) => this.#acceptor.accept(socket, request),
      failed: (what, cause) => this.#report('handler-error', '', `${what}; its connection was dropped.`, cause),
    };
  }

  #refuses({ headers, origin }: RequestInfo): UpgradeRefusal | undefined {
    if (this.#closing !== undefined) return { status: 503, text: 'The server is shutting down.', retryAfter: 1 };
    if (!this.#options.mayConnect(origin, headers.host)) {
      return {
        status: 403,
        text: 'Pages of this origin may not connect; see the option allowedOrigins of the server.',
      };
    }
    if (this.#acceptor.greetings >= this.#options.accept.greetings) {
      return { status: 503, text: 'Too many connections are being set up.', retryAfter: 1 };
    }
    return undefined;
  }

  #report(kind: Problem['kind'], name: string, text: string, cause: unknown): void {
    this.#tell({ kind, name, error: systemError('INTERNAL', text, { cause }) });
  }

  #tell(problem: Problem): void {
    const listeners = this.#problemListeners;
    if (listeners.length === 0) this.#log.write(problem);
    for (const listener of listeners) {
      try {
        listener(problem);
      } catch (cause) {
        const error = systemError('INTERNAL', 'A listener of onProblem threw.', { cause });
        this.#log.write({ kind: 'handler-error', name: '', error });
      }
    }
  }
}
