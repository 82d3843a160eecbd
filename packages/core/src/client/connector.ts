import { systemError } from '../shared/errors.ts';
import type { ConnectionEffect, ConnectionInput } from '../connection/connection-io.ts';
import { connectionDeadline, initialState, transition } from '../connection/connection-machine.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { prepareDial, type DialTarget } from '../driver/dialer.ts';
import { Link, type LinkEnd } from '../driver/link.ts';
import type { Encoded } from '../wire/codec.ts';
import type { ResolvedOptions } from './resolve-options.ts';

/** Who uses the connection a {@link Connector} keeps up. */
export interface ConnectorHost {
  /** The first packet of a connection. @throws when the credential cannot be encoded */
  hello(auth: unknown): Encoded;
  /** One WebSocket message of the present link. */
  received(data: Encoded, link: Link): void;
  /** The link is gone, whoever ended it. */
  detached(code: number): void;
  /** Runs after the effects of the step. */
  changed(now: ConnectionState, before: ConnectionState): void;
}

/** Steps the connection machine and performs its effects: the one pipeline every dial takes. */
export class Connector {
  readonly #options: ResolvedOptions;
  readonly #host: ConnectorHost;
  #state: ConnectionState = initialState;
  #inputs: ConnectionInput[] = [];
  #stepping = false;
  #target: DialTarget | undefined;
  /** Grows with every preparation and drop, so that a late answer of an older one is known as such. */
  #generation = 0;
  #link: Link | undefined;
  #onGone: (() => void) | undefined;
  /** What the last welcome asked for, milliseconds. */
  spread = 0;

  constructor(options: ResolvedOptions, host: ConnectorHost) {
    this.#options = options;
    this.#host = host;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** When the machine wants a `timeout` input. */
  get deadline(): number {
    return connectionDeadline(this.#state);
  }

  /** Steps the machine; inputs that arrive from listeners meanwhile take their turn after. */
  input(input: ConnectionInput): void {
    this.#inputs.push(input);
    if (this.#stepping) return;
    this.#stepping = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) this.#step(next);
    } finally {
      this.#stepping = false;
    }
  }

  /** Something the server said or did ends this try: same path as a close by the server. */
  refuse(code: number, reason: string, retryAfter?: number): void {
    // Browsers may not send the codes below 3000.
    this.#drop(code >= 3000 ? code : 4400, reason);
    this.input({ type: 'lost', code, reason, ...(retryAfter === undefined ? undefined : { retryAfter }) });
  }

  /** Resolves when the present socket is gone; at once when there is none. */
  gone(): Promise<void> {
    if (this.#link === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onGone = resolve;
    });
  }

  #step(input: ConnectionInput): void {
    const { clock, reconnect } = this.#options;
    const before = this.#state;
    const context = { now: clock.now(), random: () => clock.random(), policy: reconnect, spread: this.spread };
    const [state, effects] = transition(before, input, context);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    if (state !== before) this.#host.changed(state, before);
  }

  #perform(effect: ConnectionEffect): void {
    switch (effect.type) {
      case 'prepare':
        this.#prepare(effect.refresh);
        break;
      case 'open':
        this.#open();
        break;
      case 'greet':
        this.#greet();
        break;
      case 'drop':
        this.#drop(effect.code, effect.reason);
        break;
      default:
        effect satisfies never;
    }
  }

  #prepare(refresh: boolean): void {
    this.#generation += 1;
    const generation = this.#generation;
    const { url, auth } = this.#options;
    const attempt = 'attempt' in this.#state ? this.#state.attempt : 1;
    prepareDial(
      url,
      auth,
      { attempt, refresh },
      (target) => {
        if (generation !== this.#generation) return;
        this.#target = target;
        this.input({ type: 'prepared' });
      },
      (error) => {
        if (generation === this.#generation) this.input({ type: 'failed', error });
      },
    );
  }

  #open(): void {
    const { WebSocket: Socket, endpoint, socketOptions, clock } = this.#options;
    const { url } = this.#target as DialTarget;
    const protocols = [endpoint.codec.subprotocol];
    try {
      const socket = socketOptions === undefined ? new Socket(url, protocols) : new Socket(url, protocols, socketOptions);
      const link: Link = new Link(socket, clock, {
        opened: () => this.#opened(link),
        received: (data) => this.#host.received(data, link),
        ended: (end) => this.#ended(end),
      });
      this.#link = link;
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : 'unknown reason';
      this.input({ type: 'failed', error: systemError('UNAVAILABLE', `No socket could be made: ${text}`, { cause }) });
    }
  }

  #opened(link: Link): void {
    const wanted = this.#options.endpoint.codec.subprotocol;
    if (link.protocol === wanted) this.input({ type: 'opened' });
    else this.refuse(4406, `offered the sub-protocol ${wanted}, the server chose "${link.protocol.slice(0, 40)}"`);
  }

  #greet(): void {
    try {
      this.#link?.send(this.#host.hello(this.#target?.auth));
    } catch (cause) {
      const error = systemError('UNAVAILABLE', 'What `auth` gave cannot be encoded.', { cause, retryable: false });
      this.input({ type: 'failed', error });
    }
  }

  #ended(end: LinkEnd): void {
    this.#link = undefined;
    this.#onGone?.();
    this.#host.detached(end.code);
    // `ws` ends the upgrade itself when the server does not echo the sub-protocol, and says so only in words.
    const { cause } = end;
    const refused = cause instanceof Error && /subprotocol/.test(cause.message);
    this.input({ type: 'lost', ...end, ...(refused ? { code: 4406, reason: cause.message } : undefined) });
  }

  #drop(code: number, reason: string): void {
    // Anything still being prepared belongs to an older generation from here on.
    this.#generation += 1;
    const link = this.#link;
    if (link === undefined) return;
    this.#link = undefined;
    const done = this.#onGone;
    this.#host.detached(code);
    link.drop(code, reason, done);
  }
}
