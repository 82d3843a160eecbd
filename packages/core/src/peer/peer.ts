import { HawserError, systemError, type SystemError } from '../shared/errors.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { Delivery } from '../endpoint/endpoint-io.ts';
import type { CallOutcome } from '../messaging/outgoing-calls.ts';
import { Kind, type RequestFrame } from '../wire/frame.ts';
import { readOutcome, type Outcome } from './call.ts';
import type { CallDef, Definition, MessageDef } from './contract.ts';
import { CallContext } from './handler-context.ts';
import { HandlerRuns, type CallHandler } from './handlers.ts';
import { MessageListeners, type MessageListener } from './message-listeners.ts';
import type { CallOptions, ListenOptions, OnceOptions, Problem, SendOptions } from './peer-surface.ts';
import { checkOutbound, validate } from './validate.ts';

/** Which payloads are checked against the contract: none, those that arrive, or those that leave as well. */
export type Validation = 'off' | 'inbound' | 'both';

/** What a peer needs from whoever owns its connection. */
export interface PeerPort {
  /** The present session's end. */
  readonly endpoint: Endpoint;
  /** Something was queued: transmit soon. */
  wake(): void;
  /** Epoch milliseconds. */
  now(): number;
  /** Whether so much waits in the socket that volatile data should be dropped. */
  congested(): boolean;
  /** Somebody uses the peer: dial if need be. @throws HawserError `UNAVAILABLE` when closed for good */
  use(): void;
  /** Keeps the connection wanted until the returned function is called. */
  lease(): () => void;
  /** Runs `fn` after `delay` milliseconds unless the returned function is called first. */
  after(delay: number, fn: () => void): () => void;
  /** A random name. */
  randomId(): string;
}

/** Where names without a listener or handler of this peer are looked up: what a server registered for all its peers. */
export interface PeerParent {
  listens(name: string): boolean;
  tell(name: string, data: unknown): void;
  handler(name: string): CallHandler | undefined;
}

/** What a peer is made of. */
export interface PeerOptions {
  readonly port: PeerPort;
  /** What this end may start. */
  readonly outgoing: ReadonlyMap<string, Definition>;
  /** What the other end may start. */
  readonly incoming: ReadonlyMap<string, Definition>;
  readonly validation: Validation;
  /** Milliseconds. */
  readonly callTimeout: number;
  readonly onProblem: (problem: Problem) => void;
  readonly parent?: PeerParent;
  readonly context?: () => CallContext;
}

/** Messages and calls over an endpoint, both ways, checked by the contract; {@link Peer} is its typed face. */
export class ContractPeer {
  readonly #options: PeerOptions;
  readonly #port: PeerPort;
  readonly #outgoing: ReadonlyMap<string, Definition>;
  readonly #incoming: ReadonlyMap<string, Definition>;
  readonly #listeners: MessageListeners;
  readonly #handlers = new Map<string, CallHandler>();
  readonly #runs: HandlerRuns;
  readonly #context: () => CallContext;
  readonly #checksIn: boolean;
  readonly #checksOut: boolean;

  constructor(options: PeerOptions) {
    this.#options = options;
    this.#port = options.port;
    this.#outgoing = options.outgoing;
    this.#incoming = options.incoming;
    this.#checksIn = options.validation !== 'off';
    this.#checksOut = options.validation === 'both';
    this.#context = options.context ?? (() => new CallContext());
    this.#listeners = new MessageListeners((name, error) => this.#threw(name, error));
    this.#runs = new HandlerRuns({
      respond: (id, value) => {
        this.#port.endpoint.respond(id, value);
        this.#port.wake();
      },
      refuse: (frame) => {
        this.#port.endpoint.respondError(frame);
        this.#port.wake();
      },
      problem: (name, error) => this.#problem('handler-error', name, error),
      correlationId: () => this.#port.randomId(),
      checkInput: this.#checksIn,
      checkOutput: this.#checksOut,
    });
  }

  /** Listeners and handlers registered, for leak checks. */
  get registrations(): number {
    return this.#listeners.size + this.#handlers.size;
  }

  /** Handlers of this end that have not answered yet. */
  get runningHandlers(): number {
    return this.#runs.size;
  }

  send(name: string, data?: unknown, options?: SendOptions): void {
    const def = this.#find(this.#outgoing, name, 'message');
    this.#port.use();
    if (this.#checksOut) checkOutbound(name, def.data, data);
    const { endpoint } = this.#port;
    if (options?.whenOffline === 'drop') endpoint.sendVolatile(name, data, this.#port.congested());
    else endpoint.send(name, data);
    this.#port.wake();
  }

  on(name: string, listener: MessageListener, options?: ListenOptions): () => void {
    this.#find(this.#incoming, name, 'message');
    if (options?.signal?.aborted) return () => undefined;
    this.#port.use();
    const release = this.#port.lease();
    const remove = this.#listeners.add(name, listener);
    return this.#stopper(options?.signal, () => {
      remove();
      release();
    });
  }

  once(name: string, options: OnceOptions = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { signal, timeout } = options;
      signal?.throwIfAborted();
      let forget = (): void => undefined;
      const onAbort = (): void => finish(() => reject(signal?.reason as Error));
      const stop = this.on(name, (data) => finish(() => resolve(data)));
      const finish = (settle: () => void): void => {
        stop();
        forget();
        signal?.removeEventListener('abort', onAbort);
        settle();
      };
      signal?.addEventListener('abort', onAbort);
      if (timeout !== undefined) {
        forget = this.#port.after(timeout, () =>
          finish(() => reject(systemError('TIMEOUT', `No "${name}" arrived within ${timeout} ms.`))),
        );
      }
    });
  }

  call(name: string, input?: unknown, options?: CallOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#start(name, input, options, reject, (outcome) => {
        if (outcome.ok) resolve(outcome.data);
        else reject(outcome.error);
      });
    });
  }

  safeCall(name: string, input?: unknown, options?: CallOptions): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      try {
        this.#start(name, input, options, reject, resolve);
      } catch (error) {
        if (error instanceof HawserError) resolve({ ok: false, error });
        else reject(error as Error);
      }
    });
  }

  handle(name: string, handler: CallHandler, options?: ListenOptions): () => void {
    this.#find(this.#incoming, name, 'call');
    if (this.#handlers.has(name)) {
      throw new TypeError(`"${name}" has a handler already; stop that one first, two cannot answer one call.`);
    }
    if (options?.signal?.aborted) return () => undefined;
    this.#port.use();
    const release = this.#port.lease();
    this.#handlers.set(name, handler);
    return this.#stopper(options?.signal, () => {
      this.#handlers.delete(name);
      release();
    });
  }

  /** Hands over what an endpoint delivered; user code runs here. */
  deliver(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      switch (delivery[0]) {
        case Kind.message:
        case Kind.volatile:
          this.#message(delivery[1], delivery[2]);
          break;
        case Kind.request:
          this.#request(delivery);
          break;
        case 0:
          delivery[1].settle(delivery[2]);
          break;
        default:
          this.#runs.abandon(delivery[1]);
      }
    }
  }

  /** A session was lost: the next message of every name says so. */
  markGap(): void {
    this.#listeners.markGap();
  }

  /** Lets go of every listener and handler. */
  clear(): void {
    this.#listeners.clear();
    this.#handlers.clear();
  }

  #start(
    name: string,
    input: unknown,
    options: CallOptions | undefined,
    abort: (reason: Error) => void,
    settle: (outcome: Outcome) => void,
  ): void {
    const def = this.#find(this.#outgoing, name, 'call');
    const signal = options?.signal;
    if (signal?.aborted) {
      abort(signal.reason as Error);
      return;
    }
    this.#port.use();
    if (this.#checksOut) checkOutbound(name, def.input, input);
    const key = options?.idempotencyKey ?? (def.idempotent ? this.#port.randomId() : undefined);
    let onAbort: (() => void) | undefined;
    const sink = {
      settle: (outcome: CallOutcome): void => {
        if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
        settle(readOutcome(name, def, this.#checksIn, outcome));
      },
    };
    const timeout = options?.timeout ?? this.#options.callTimeout;
    const { endpoint } = this.#port;
    const id = endpoint.call({ name, params: input, timeout, key, sink }, this.#port.now());
    if (signal !== undefined) {
      onAbort = (): void => {
        // The session may have been succeeded by another since; its calls keep their ids.
        this.#port.endpoint.cancel(id);
        this.#port.wake();
        abort(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, { once: true });
    }
    this.#port.wake();
  }

  #message(name: string, data: unknown): void {
    const def = this.#incoming.get(name);
    if (def?.kind !== 'message') {
      this.#problem('unknown-name', name, systemError('UNIMPLEMENTED', `The contract has no message "${name}" for this end.`));
      return;
    }
    const inherited = this.#options.parent?.listens(name) ?? false;
    if (!inherited && !this.#listeners.has(name)) return;
    let value = data;
    if (this.#checksIn) {
      const checked = validate(def.data, data);
      if (!checked.ok) {
        const text = `"${name}" was not delivered, it does not match the contract: ${checked.problem}`;
        this.#problem('invalid-message', name, systemError('INVALID_INPUT', text));
        return;
      }
      value = checked.value;
    }
    this.#listeners.tell(name, value);
    if (inherited) this.#options.parent?.tell(name, value);
  }

  #request(frame: RequestFrame): void {
    const [, id, name] = frame;
    const def = this.#incoming.get(name);
    const handler = def?.kind === 'call' ? (this.#handlers.get(name) ?? this.#options.parent?.handler(name)) : undefined;
    if (handler === undefined) {
      this.#port.endpoint.respondError([Kind.error, id, 'UNIMPLEMENTED', `Nobody handles "${name}" at the other end.`]);
      this.#port.wake();
      return;
    }
    this.#runs.run(frame, def as CallDef, handler, this.#context());
  }

  #find<K extends Definition['kind']>(
    among: ReadonlyMap<string, Definition>,
    name: string,
    kind: K,
  ): K extends 'message' ? MessageDef : CallDef {
    const def = among.get(name);
    if (def?.kind !== kind) {
      const way = among === this.#outgoing ? 'that this end may start' : 'that the other end may start';
      throw systemError('UNIMPLEMENTED', `The contract has no ${kind} "${name}" ${way}.`);
    }
    return def as K extends 'message' ? MessageDef : CallDef;
  }

  #stopper(signal: AbortSignal | undefined, end: () => void): () => void {
    let active = true;
    const stop = (): void => {
      if (!active) return;
      active = false;
      signal?.removeEventListener('abort', stop);
      end();
    };
    signal?.addEventListener('abort', stop);
    return stop;
  }

  #threw(name: string, cause: unknown): void {
    this.#problem('handler-error', name, systemError('INTERNAL', `A listener of "${name}" threw; the others were told.`, { cause }));
  }

  #problem(kind: Problem['kind'], name: string, error: SystemError): void {
    this.#options.onProblem({ kind, name, error });
  }
}
