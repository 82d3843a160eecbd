import { HawserError, systemError } from '../shared/errors.ts';
import { explain } from '../shared/explain.ts';
import { Listeners } from '../shared/listeners.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { Delivery } from '../endpoint/endpoint-io.ts';
import { Kind, type ErrorFrame, type RequestFrame, type ResultFrame } from '../wire/frame.ts';
import { readOutcome, type Outcome } from './call.ts';
import type { CallDef, Definition, MessageDef } from './contract.ts';
import { CallContext } from './handler-context.ts';
import { runHandler, type CallHandler, type HandlerHost } from './handlers.ts';
import type { CallOptions, ListenOptions, MessageMeta, OnceOptions, SendOptions } from './peer-surface.ts';
import { problem } from './problem.ts';
import { promised } from './promised.ts';
import { checkOutbound, validate } from './validate.ts';

/** Untyped listener of one message. */
export type MessageListener = (data: unknown, meta: MessageMeta) => void;

/** Where names without a listener or handler of this peer are looked up: what a server registered for all its peers. */
export interface PeerParent {
  listens(name: string): boolean;
  tell(name: string, data: unknown): void;
  handler(name: string): CallHandler | undefined;
}

/** What a peer is made of, and needs from whoever owns its connection. */
export interface PeerOptions extends HandlerHost {
  /** What this end may start. */
  readonly outgoing: ReadonlyMap<string, Definition>;
  /** What the other end may start. */
  readonly incoming: ReadonlyMap<string, Definition>;
  /** Milliseconds. */
  readonly callTimeout: number;
  readonly parent?: PeerParent;
  readonly context?: () => CallContext;
  readonly endpoint: Endpoint;
  /** Something was queued: transmit soon. */
  readonly wake: () => void;
  /** Epoch milliseconds. */
  now(): number;
  /** Whether so much waits in the socket that volatile data should be dropped. */
  congested(): boolean;
  /** Somebody uses the peer: dial if need be. @throws HawserError `UNAVAILABLE` when closed for good */
  use(): void;
  /** As {@link PeerOptions.use}, and keeps the connection wanted until the returned function is called. */
  lease(): () => void;
  /** Runs `fn` after `delay` milliseconds unless the returned function is called first. */
  after(delay: number, fn: () => void): () => void;
}

const whole: MessageMeta = { gap: false };
const holed: MessageMeta = { gap: true };

/** Messages and calls over an endpoint, both ways, checked by the contract; {@link Peer} is its typed face. */
export class ContractPeer {
  readonly #options: PeerOptions;
  readonly #listeners: Listeners<Record<string, Parameters<MessageListener>>>;
  readonly #handlers = new Map<string, CallHandler>();
  readonly #running = new Map<RequestFrame, CallContext>();
  /** Names whose next message comes after a loss. */
  readonly #gaps = new Set<string>();

  constructor(options: PeerOptions) {
    this.#options = options;
    this.#listeners = new Listeners((name, cause) => {
      const text = explain && `A listener of "${name}" threw; the others were told.`;
      options.onProblem(problem('handler-error', name, 'INTERNAL', text, { cause }));
    });
  }

  /** Handlers of this end that have not returned, also those nobody waits for any more. */
  get runningHandlers(): number {
    return this.#running.size;
  }

  send(name: string, data?: unknown, options?: SendOptions): void {
    const host = this.#options;
    const def = find(host.outgoing, name, 'message');
    host.use();
    checkOutbound(host.validation === 'both', name, def.data, data);
    if (options?.whenOffline !== 'drop') host.endpoint.send(name, data);
    else if (!host.congested()) host.endpoint.sendVolatile(name, data);
    host.wake();
  }

  on(name: string, listener: MessageListener, options?: ListenOptions): () => void {
    find(this.#options.incoming, name, 'message');
    return this.#hold(options, () => this.#listeners.add(name, listener));
  }

  once(name: string, { signal, timeout = Infinity }: OnceOptions = {}): Promise<unknown> {
    return promised(signal, (settle) => {
      const stop = this.on(name, (data) => settle(() => data));
      if (timeout === Infinity) return stop;
      const forget = this.#options.after(timeout, () =>
        settle(() => {
          throw systemError('TIMEOUT', explain && `No "${name}" arrived within ${timeout} ms.`);
        }),
      );
      return () => {
        stop();
        forget();
      };
    });
  }

  call(name: string, input?: unknown, options: CallOptions = {}): Promise<unknown> {
    const host = this.#options;
    const { signal, timeout = host.callTimeout, idempotencyKey } = options;
    return promised(signal, (settle) => {
      const def = find(host.outgoing, name, 'call');
      host.use();
      checkOutbound(host.validation === 'both', name, def.input, input);
      const { calls } = host.endpoint;
      const id = calls.start(
        {
          name,
          params: input,
          timeout,
          key: idempotencyKey ?? (def.idempotent ? host.randomId() : undefined),
          sink: (outcome) => settle(() => readOutcome(name, def, host.validation !== 'off', outcome)),
        },
        host.now(),
      );
      host.wake();
      return () => {
        // Nothing to cancel any more, unless the signal fired.
        calls.cancel(id);
        host.wake();
      };
    });
  }

  safeCall(name: string, input?: unknown, options?: CallOptions): Promise<Outcome> {
    return this.call(name, input, options).then(
      (data) => ({ ok: true, data }),
      (error: unknown) => {
        if (!(error instanceof HawserError) || error === options?.signal?.reason) throw error;
        return { ok: false, error };
      },
    );
  }

  handle(name: string, handler: CallHandler, options?: ListenOptions): () => void {
    find(this.#options.incoming, name, 'call');
    const handlers = this.#handlers;
    if (handlers.has(name)) {
      throw new TypeError(
        explain ? `"${name}" has a handler already; stop that one first, two cannot answer one call.` : name,
      );
    }
    return this.#hold(options, () => {
      handlers.set(name, handler);
      return () => handlers.get(name) === handler && handlers.delete(name);
    });
  }

  /** Hands over what an endpoint delivered; user code runs here. */
  deliver(delivery: Delivery): void {
    switch (delivery[0]) {
      case Kind.message:
      case Kind.volatile:
        this.#message(delivery[1], delivery[2]);
        break;
      case Kind.request:
        this.#request(delivery);
        break;
      case 0:
        delivery[1](delivery[2]);
        break;
      default:
        this.#running
          .get(delivery[1])
          ?.abort(systemError('CANCELLED', explain && 'The caller gave up or the session ended.'));
    }
  }

  /** A session was lost: the next message of every name says so. */
  markGap(): void {
    for (const name of this.#listeners.names()) this.#gaps.add(name);
  }

  /** Lets go of every listener and handler. */
  clear(): void {
    this.#listeners.clear();
    this.#handlers.clear();
  }

  #message(name: string, data: unknown): void {
    const { incoming, parent, validation, onProblem } = this.#options;
    const def = incoming.get(name);
    if (def?.kind !== 'message') {
      const text = explain && `The contract has no message "${name}" for this end.`;
      return onProblem(problem('unknown-name', name, 'UNIMPLEMENTED', text));
    }
    const inherited = parent?.listens(name);
    if (!inherited && !this.#listeners.has(name)) return;
    const checked = validate(validation !== 'off', def.data, data);
    if (checked.problem !== undefined) {
      const text = explain && `"${name}" was not delivered, it does not match the contract: ${checked.problem}`;
      return onProblem(problem('invalid-message', name, 'INVALID_INPUT', text, { data: { problem: checked.problem } }));
    }
    this.#listeners.tell(name, checked.value, this.#gaps.delete(name) ? holed : whole);
    if (inherited) parent?.tell(name, checked.value);
  }

  #request(request: RequestFrame): void {
    const [, id, name] = request;
    const { incoming, parent, context, endpoint, wake } = this.#options;
    const answer = (frame: ResultFrame | ErrorFrame): void => {
      this.#running.delete(request);
      endpoint.calls.respond(request, frame);
      wake();
    };
    const def = incoming.get(name);
    const handler = def?.kind === 'call' && (this.#handlers.get(name) ?? parent?.handler(name));
    if (!handler)
      return answer([Kind.error, id, 'UNIMPLEMENTED', explain ? `Nobody handles "${name}" at the other end.` : '']);
    const running = context?.() ?? new CallContext();
    this.#running.set(request, running);
    runHandler(this.#options, request, def, handler, running, answer);
  }

  /** Adds something that keeps the connection wanted; returns the function that removes it, as the signal does. */
  #hold({ signal }: ListenOptions = {}, add: () => () => void): () => void {
    if (signal?.aborted) return () => undefined;
    const release = this.#options.lease();
    const remove = add();
    const stop = (): void => {
      signal?.removeEventListener('abort', stop);
      remove();
      release();
    };
    signal?.addEventListener('abort', stop);
    return stop;
  }
}

function find<K extends Definition['kind']>(
  among: ReadonlyMap<string, Definition>,
  name: string,
  kind: K,
): K extends 'message' ? MessageDef : CallDef {
  const def = among.get(name);
  if (def?.kind === kind) return def as K extends 'message' ? MessageDef : CallDef;
  throw systemError(
    'UNIMPLEMENTED',
    explain && `The contract has no ${kind} "${name}" that may be used here this way.`,
  );
}
