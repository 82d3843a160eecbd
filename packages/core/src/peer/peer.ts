import { HawserError, systemError, type SystemError } from '../shared/errors.ts';
import { explain } from '../shared/explain.ts';
import { Listeners } from '../shared/listeners.ts';
import type { Delivery, IncomingExchange } from '../messaging/exchange.ts';
import { Kind, type ErrorFrame } from '../wire/frame.ts';
import type { Outcome } from './call/read-outcome.ts';
import type { Definition } from './definitions.ts';
import { CallContext } from './handler-context.ts';
import type { Interaction } from './interaction.ts';
import type { AnyHandler, PeerHost } from './peer-host.ts';
import type { CallOptions, ListenOptions, MessageMeta, OnceOptions, SendOptions } from './peer-surface.ts';
import { problem } from './problem.ts';
import { promised } from './promised.ts';
import { checkOutbound, validate } from './validate.ts';

/** Untyped listener of one message. */
export type MessageListener = (data: unknown, meta: MessageMeta) => void;

const whole: MessageMeta = { gap: false };
const holed: MessageMeta = { gap: true };

/** Messages, and what the contract names besides, over an endpoint, both ways; {@link Peer} is its typed face. */
export class ContractPeer {
  readonly #host: PeerHost;
  readonly #listeners: Listeners<Record<string, Parameters<MessageListener>>>;
  readonly #handlers = new Map<string, AnyHandler>();
  /** Names whose next message comes after a loss. */
  readonly #gaps = new Set<string>();

  constructor(host: PeerHost) {
    this.#host = host;
    for (const { plug } of host.interactions) plug(host.endpoint);
    this.#listeners = new Listeners((name, cause) => {
      const text = explain && `A listener of "${name}" threw; the others were told.`;
      host.onProblem(problem('handler-error', name, 'INTERNAL', text, { cause }));
    });
  }

  send(name: string, data?: unknown, options?: SendOptions): void {
    const host = this.#host;
    const def = find(host.outgoing, name, 'message');
    host.use();
    checkOutbound(host.validation === 'both', name, def.data, data);
    if (options?.whenOffline !== 'drop') host.endpoint.send(name, data);
    else if (!host.congested()) host.endpoint.sendVolatile(name, data);
    host.wake();
  }

  on(name: string, listener: MessageListener, options?: ListenOptions): () => void {
    find(this.#host.incoming, name, 'message');
    return this.#hold(options, () => this.#listeners.add(name, listener));
  }

  once(name: string, { signal, timeout = Infinity }: OnceOptions = {}): Promise<unknown> {
    return promised(signal, (settle) => {
      const stop = this.on(name, (data) => settle(() => data));
      if (timeout === Infinity) return stop;
      const forget = this.#host.after(timeout, () =>
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

  call(name: string, input?: unknown, options?: CallOptions): Promise<unknown> {
    try {
      return this.#begin('call', name, input, options) as Promise<unknown>;
    } catch (error) {
      return Promise.reject(error as SystemError);
    }
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

  stream(name: string, ...args: unknown[]): unknown {
    return this.#begin('stream', name, ...args);
  }

  upload(name: string, ...args: unknown[]): unknown {
    return this.#begin('upload', name, ...args);
  }

  topic(name: string, params?: unknown): unknown {
    const def = this.#host.topics?.get(name);
    if (!def) throw noSuch('topic', name);
    return (def['~run'] as Interaction).begin(this.#host, name, def as never, params);
  }

  handle(name: string, handler: AnyHandler, options?: ListenOptions): () => void {
    const def = this.#host.incoming.get(name);
    if (!def?.['~run']) throw noSuch('call', name);
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
      case 0:
        delivery[1](delivery[2]);
        break;
      case Kind.request:
        this.#serve(delivery[1]);
        break;
      case Kind.credit:
        delivery[1].running?.resume?.();
        break;
      default:
        delivery[1].running?.abort();
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
    const { incoming, parent, validation, onProblem } = this.#host;
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

  #serve(exchange: IncomingExchange): void {
    const { incoming, parent, context, endpoint, wake } = this.#host;
    const [kind, id, name, , credit] = exchange.request;
    const wanted = kind === Kind.request ? 'call' : credit ? 'stream' : 'upload';
    const def = incoming.get(name);
    const handler = def?.kind === wanted && (this.#handlers.get(name) ?? parent?.handler(name));
    if (handler) {
      const { serve } = def['~run'] as Interaction;
      return serve?.(this.#host, exchange, def as never, handler, context?.() ?? new CallContext());
    }
    const text = explain ? `Nobody handles "${name}" at the other end.` : '';
    const refusal: ErrorFrame = [Kind.error, id, 'UNIMPLEMENTED', text];
    if (endpoint.exchanges) endpoint.exchanges.respond(exchange, refusal);
    else endpoint.post('reply', '', refusal);
    wake();
  }

  #begin(kind: Definition['kind'], name: string, ...args: unknown[]): unknown {
    const def = find(this.#host.outgoing, name, kind);
    return (def['~run'] as Interaction).begin(this.#host, name, def as never, ...args);
  }

  #hold({ signal }: ListenOptions = {}, add: () => () => void): () => void {
    if (signal?.aborted) return () => undefined;
    const release = this.#host.lease();
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
): Extract<Definition, { kind: K }> {
  const def = among.get(name);
  if (def?.kind === kind) return def as Extract<Definition, { kind: K }>;
  throw noSuch(kind, name);
}

function noSuch(kind: string, name: string): SystemError {
  return systemError(
    'UNIMPLEMENTED',
    explain && `The contract has no ${kind} "${name}" that may be used here this way.`,
  );
}
