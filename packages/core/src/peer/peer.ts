import { systemError, type SystemError } from '../shared/errors.ts';
import { explain } from '../shared/explain.ts';
import { Listeners } from '../shared/listeners.ts';
import type { Delivery, ExchangeDelivery } from '../messaging/exchange.ts';
import { Kind } from '../wire/frame.ts';
import type { Definition, MessageDef } from './definitions.ts';
import type { Interaction } from './interaction.ts';
import type { AnyHandler, PeerHost } from './peer-host.ts';
import type { ListenOptions, MessageMeta, OnceOptions, SendOptions } from './peer-surface.ts';
import { problem } from './problem.ts';
import { promised } from './promised.ts';
import { notHandled } from './refusals.ts';
import { checkOutbound, validate } from './validate.ts';

/** Untyped listener of one message. */
export type MessageListener = (data: unknown, meta: MessageMeta) => void;

const whole: MessageMeta = { gap: false };
const holed: MessageMeta = { gap: true };

/** Messages, and what the contract names besides, over an endpoint, both ways; {@link Peer} is its typed face. */
export class ContractPeer {
  readonly #host: PeerHost;
  readonly #listeners: Listeners<Record<string, Parameters<MessageListener>>>;
  /** Names whose next message comes after a loss. */
  readonly #gaps = new Set<string>();

  constructor(host: PeerHost) {
    this.#host = host;
    for (const { plug } of host.interactions) plug(host);
    this.#listeners = new Listeners((name, cause) => {
      const text = explain && `A listener of "${name}" threw; the others were told.`;
      host.onProblem(problem('handler-error', name, 'INTERNAL', text, { cause }));
    });
  }

  send(name: string, data?: unknown, options?: SendOptions): void {
    const host = this.#host;
    const def = messageDef(host.outgoing, name);
    host.use();
    checkOutbound(host.validation === 'both', name, def.data, data);
    if (options?.whenOffline !== 'drop') host.endpoint.send(name, data);
    else if (!host.congested()) host.endpoint.sendVolatile(name, data);
    host.wake();
  }

  on(name: string, listener: MessageListener, options?: ListenOptions): () => void {
    messageDef(this.#host.incoming, name);
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

  /** Starts something of a kind that the contract brings along. */
  begin(kind: Definition['kind'] | 'topic', name: string, ...args: unknown[]): unknown {
    const { outgoing, topics } = this.#host;
    const def = kind === 'topic' ? topics?.get(name) : outgoing.get(name);
    if (def?.kind === kind) return (def['~run'] as Interaction).begin(this.#host, name, def as never, ...args);
    const error = noSuch(kind, name);
    if (kind === 'call' || kind === 'upload') return Promise.reject(error);
    throw error;
  }

  handle(name: string, handler: AnyHandler, options?: ListenOptions): () => void {
    const { incoming, answering } = this.#host;
    if (!answering || !incoming.get(name)?.['~run']) throw noSuch('call', name);
    return this.#hold(options, () => answering.add(name, handler));
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
      default:
        this.#asked(delivery);
    }
  }

  /** A session was lost: the next message of every name says so. */
  markGap(): void {
    for (const name of this.#listeners.names()) this.#gaps.add(name);
  }

  /** Lets go of every listener and handler. */
  clear(): void {
    this.#listeners.clear();
    this.#host.answering?.clear();
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

  #asked(delivery: ExchangeDelivery): void {
    const { answering, endpoint, wake } = this.#host;
    if (answering) return answering.take(delivery);
    // A contract of messages alone cannot even run out of handlers.
    endpoint.post('reply', '', notHandled(delivery[1].request));
    wake();
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

function noSuch(kind: string, name: string): SystemError {
  return systemError(
    'UNIMPLEMENTED',
    explain && `The contract has no ${kind} "${name}" that may be used here this way.`,
  );
}

function messageDef(among: ReadonlyMap<string, Definition>, name: string): MessageDef {
  const def = among.get(name);
  if (def?.kind !== 'message') throw noSuch('message', name);
  return def;
}
