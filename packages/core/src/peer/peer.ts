import { systemError, type SystemError } from '../shared/errors.ts';
import { explain } from '../shared/explain.ts';
import { Listeners } from '../shared/listeners.ts';
import type { Delivery } from '../messaging/exchange.ts';
import { Kind } from '../wire/frame.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { Definition, MessageDef } from './definitions.ts';
import type { Interaction } from './interaction.ts';
import type { AnyHandler, ExchangeSide, PeerHost, PeerParent, PeerSettings, Validation } from './peer-host.ts';
import type { ListenOptions, MessageMeta, OnceOptions, Problem, SendOptions } from './peer-surface.ts';
import { problem } from './problem.ts';
import { promised } from './promised.ts';
import { checkOutbound, validate } from './validate.ts';

/** Untyped listener of one message. */
export type MessageListener = (data: unknown, meta: MessageMeta) => void;

const whole: MessageMeta = { gap: false };
const holed: MessageMeta = { gap: true };

/**
 * Messages, and what the contract names besides, over an endpoint, both ways; {@link Peer} is its typed face.
 *
 * What it needs from its connection is what a subclass adds.
 */
export abstract class ContractPeer implements PeerHost {
  readonly endpoint: Endpoint;
  declare readonly outgoing: PeerSettings['outgoing'];
  declare readonly incoming: PeerSettings['incoming'];
  declare readonly topics: Exclude<PeerSettings['topics'], undefined>;
  declare readonly interactions: PeerSettings['interactions'];
  declare readonly validation: Validation;
  declare readonly callTimeout: number;
  declare readonly topicGrace: PeerSettings['topicGrace'];
  declare readonly parent?: PeerParent;
  declare readonly middleware?: PeerSettings['middleware'];
  answering: ExchangeSide | undefined;
  declare refuse: PeerHost['refuse'];
  readonly #listeners: Listeners<Record<string, Parameters<MessageListener>>>;
  /** Names whose next message comes after a loss. */
  #gaps: Set<string> | undefined;

  constructor(endpoint: Endpoint, settings: PeerSettings) {
    this.endpoint = endpoint;
    Object.assign(this, settings);
    this.#listeners = new Listeners((name, cause) => {
      const text = explain && `A listener of "${name}" threw; the others were told.`;
      this.report(problem('handler-error', name, 'INTERNAL', text, { cause }));
    });
    for (const { plug } of this.interactions) plug?.(this);
  }

  abstract report(found: Problem): void;
  abstract wake(): void;
  abstract now(): number;
  abstract congested(): boolean;
  abstract use(): void;
  abstract lease(): () => void;
  abstract after(delay: number, fn: () => void): () => void;

  send(name: string, data?: unknown, options?: SendOptions): void {
    const def = messageDef(this.outgoing, name);
    this.use();
    checkOutbound(this.validation === 'both', name, def.data, data);
    if (options?.whenOffline !== 'drop') this.endpoint.send(name, data);
    else if (!this.congested()) this.endpoint.sendVolatile(name, data);
    this.wake();
  }

  on(name: string, listener: MessageListener, options?: ListenOptions): () => void {
    messageDef(this.incoming, name);
    return this.#hold(options, () => this.#listeners.add(name, listener));
  }

  once(name: string, { signal, timeout = Infinity }: OnceOptions = {}): Promise<unknown> {
    return promised(signal, (settle) => {
      const stop = this.on(name, (data) => settle(() => data));
      const fail = (): void =>
        settle(() => {
          throw systemError('TIMEOUT', explain && `No "${name}" arrived within ${timeout} ms.`);
        });
      const forget = timeout < Infinity ? this.after(timeout, fail) : stop;
      return () => {
        stop();
        forget();
      };
    });
  }

  /** Starts something of a kind that the contract brings along. */
  begin(kind: Definition['kind'] | 'topic', name: string, ...args: unknown[]): unknown {
    const def = (kind === 'topic' ? this.topics : this.outgoing).get(name);
    if (def?.kind === kind) return (def['~run'] as Interaction).begin(this, name, def as never, ...args);
    const error = noSuch(kind, name);
    if (this.refuse) return this.refuse(kind, error, args);
    throw error;
  }

  handle(name: string, handler: AnyHandler, options?: ListenOptions): () => void {
    const { answering } = this;
    if (!answering || !this.incoming.get(name)?.['~run']) throw noSuch('call', name);
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
        delivery[1](delivery[2] as never, delivery[3]);
        break;
      default:
        this.answering?.take(delivery);
    }
  }

  /** A session was lost: the next message of every name says so. */
  markGap(): void {
    this.#gaps = new Set(this.#listeners.names());
  }

  /** Lets go of every listener and handler. */
  clear(): void {
    this.#listeners.clear();
    this.answering?.clear();
    this.endpoint.topics?.clear();
  }

  /** Whether anybody wants this message. */
  protected listens(name: string): boolean {
    return this.#listeners.has(name);
  }

  protected tell(name: string, data: unknown): void {
    this.#listeners.tell(name, data, this.#gaps?.delete(name) ? holed : whole);
  }

  #message(name: string, data: unknown): void {
    const def = this.incoming.get(name);
    if (def?.kind !== 'message') {
      const text = explain && `The contract has no message "${name}" for this end.`;
      return this.report(problem('unknown-name', name, 'UNIMPLEMENTED', text));
    }
    if (!this.listens(name)) return;
    const checked = validate(this.validation !== 'off', def.data, data);
    if (checked.problem !== undefined) {
      const text = explain && `"${name}" was not delivered, it does not match the contract: ${checked.problem}`;
      const data = { problem: checked.problem };
      return this.report(problem('invalid-message', name, 'INVALID_INPUT', text, { data }));
    }
    this.tell(name, checked.value);
  }

  #hold({ signal }: ListenOptions = {}, add: () => () => void): () => void {
    if (signal?.aborted) return () => undefined;
    this.use();
    // First what may be refused: a lease nobody returns would keep the connection wanted.
    const remove = add();
    const release = this.lease();
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
