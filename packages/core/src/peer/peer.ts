import { HawserError, systemError, type SystemError } from '../shared/errors.ts';
import { explain } from '../shared/explain.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { Delivery } from '../endpoint/endpoint-io.ts';
import type { CallOutcome } from '../messaging/outgoing-calls.ts';
import { Kind, type RequestFrame } from '../wire/frame.ts';
import { whenAborted } from './aborting.ts';
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
  /** As {@link PeerPort.use}, and keeps the connection wanted until the returned function is called. */
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
  readonly #listeners: MessageListeners;
  readonly #handlers = new Map<string, CallHandler>();
  readonly #runs: HandlerRuns;
  readonly #checksIn: boolean;
  readonly #checksOut: boolean;

  constructor(options: PeerOptions) {
    this.#options = options;
    this.#port = options.port;
    this.#checksIn = options.validation !== 'off';
    this.#checksOut = options.validation === 'both';
    this.#listeners = new MessageListeners((name, cause) => {
      const text = explain && `A listener of "${name}" threw; the others were told.`;
      this.#problem('handler-error', name, systemError('INTERNAL', text, { cause }));
    });
    this.#runs = new HandlerRuns({
      answer: (frame, endpoint) => {
        endpoint.respond(frame);
        this.#port.wake();
      },
      problem: (name, error) => this.#problem('handler-error', name, error),
      correlationId: () => this.#port.randomId(),
      checksIn: this.#checksIn,
      checksOut: this.#checksOut,
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
    const { data: schema } = this.#find(this.#options.outgoing, name, 'message');
    this.#port.use();
    if (this.#checksOut) checkOutbound(name, schema, data);
    if (options?.whenOffline !== 'drop') this.#port.endpoint.send(name, data);
    else if (!this.#port.congested()) this.#port.endpoint.sendVolatile(name, data);
    this.#port.wake();
  }

  on(name: string, listener: MessageListener, options?: ListenOptions): () => void {
    this.#find(this.#options.incoming, name, 'message');
    return this.#hold(options?.signal, () => this.#listeners.add(name, listener));
  }

  once(name: string, { signal, timeout = Infinity }: OnceOptions = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const stops: (() => void)[] = [];
      const settle = (how: (value: never) => void, value: unknown): void => {
        for (const stop of stops) stop();
        how(value as never);
      };
      stops.push(this.on(name, (data) => settle(resolve, data)));
      stops.push(whenAborted(signal, () => settle(reject, signal?.reason)));
      if (timeout === Infinity) return;
      const text = explain && `No "${name}" arrived within ${timeout} ms.`;
      stops.push(this.#port.after(timeout, () => settle(reject, systemError('TIMEOUT', text))));
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
        if (!(error instanceof HawserError)) throw error;
        resolve({ ok: false, error });
      }
    });
  }

  handle(name: string, handler: CallHandler, options?: ListenOptions): () => void {
    this.#find(this.#options.incoming, name, 'call');
    const handlers = this.#handlers;
    if (handlers.has(name)) {
      throw new TypeError(`"${name}" has a handler already; stop that one first, two cannot answer one call.`);
    }
    return this.#hold(options?.signal, () => {
      handlers.set(name, handler);
      return () => {
        if (handlers.get(name) === handler) handlers.delete(name);
      };
    });
  }

  /** Hands over what an endpoint delivered; user code runs here. */
  deliver(deliveries: readonly Delivery[], endpoint: Endpoint): void {
    for (const delivery of deliveries) {
      switch (delivery[0]) {
        case Kind.message:
        case Kind.volatile:
          this.#message(delivery[1], delivery[2]);
          break;
        case Kind.request:
          this.#request(delivery, endpoint);
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
    abort: (reason: unknown) => void,
    settle: (outcome: Outcome) => void,
  ): void {
    const def = this.#find(this.#options.outgoing, name, 'call');
    const { signal, timeout = this.#options.callTimeout, idempotencyKey } = options ?? {};
    if (signal?.aborted) {
      abort(signal.reason);
      return;
    }
    const port = this.#port;
    port.use();
    if (this.#checksOut) checkOutbound(name, def.input, input);
    const key = idempotencyKey ?? (def.idempotent ? port.randomId() : undefined);
    let forget: (() => void) | undefined;
    const sink = {
      settle: (outcome: CallOutcome): void => {
        forget?.();
        settle(readOutcome(name, def, this.#checksIn, outcome));
      },
    };
    const id = port.endpoint.call({ name, params: input, timeout, key, sink }, port.now());
    if (signal !== undefined) {
      forget = whenAborted(signal, () => {
        // The session may have been succeeded by another since; its calls keep their ids.
        port.endpoint.cancel(id);
        port.wake();
        forget?.();
        abort(signal.reason);
      });
    }
    port.wake();
  }

  #message(name: string, data: unknown): void {
    const def = this.#options.incoming.get(name);
    if (def?.kind !== 'message') {
      const text = explain && `The contract has no message "${name}" for this end.`;
      this.#problem('unknown-name', name, systemError('UNIMPLEMENTED', text));
      return;
    }
    const { parent } = this.#options;
    const inherited = parent?.listens(name);
    if (!inherited && !this.#listeners.has(name)) return;
    let value = data;
    if (this.#checksIn) {
      const checked = validate(def.data, data);
      if (!checked.ok) {
        const text = explain && `"${name}" was not delivered, it does not match the contract: ${checked.problem}`;
        this.#problem(
          'invalid-message',
          name,
          systemError('INVALID_INPUT', text, { data: { problem: checked.problem } }),
        );
        return;
      }
      value = checked.value;
    }
    this.#listeners.tell(name, value);
    if (inherited) parent?.tell(name, value);
  }

  #request(frame: RequestFrame, endpoint: Endpoint): void {
    const [, id, name] = frame;
    const { incoming, parent, context } = this.#options;
    const def = incoming.get(name);
    const handler = def?.kind === 'call' && (this.#handlers.get(name) ?? parent?.handler(name));
    if (handler) {
      this.#runs.run(frame, def as CallDef, handler, context?.() ?? new CallContext(), endpoint);
      return;
    }
    endpoint.respond([Kind.error, id, 'UNIMPLEMENTED', `Nobody handles "${name}" at the other end.`]);
    this.#port.wake();
  }

  #find<K extends Definition['kind']>(
    among: ReadonlyMap<string, Definition>,
    name: string,
    kind: K,
  ): K extends 'message' ? MessageDef : CallDef {
    const def = among.get(name);
    if (def?.kind === kind) return def as K extends 'message' ? MessageDef : CallDef;
    throw systemError(
      'UNIMPLEMENTED',
      explain &&
        `The contract has no ${kind} "${name}" that ${among === this.#options.outgoing ? 'this' : 'the other'} end may start.`,
    );
  }

  /** Adds something that keeps the connection wanted; returns the function that removes it, as the signal does. */
  #hold(signal: AbortSignal | undefined, add: () => () => void): () => void {
    if (signal?.aborted) return () => undefined;
    const release = this.#port.lease();
    const remove = add();
    const stop = (): void => {
      remove();
      release();
      forget();
    };
    const forget = whenAborted(signal, stop);
    return stop;
  }

  #problem(kind: Problem['kind'], name: string, error: SystemError): void {
    this.#options.onProblem({ kind, name, error });
  }
}
