import { explain } from '../shared/explain.ts';
import { HawserError, systemError, type SystemError } from '../shared/errors.ts';
import type { ConnectionEffect, ConnectionInput } from '../connection/connection-io.ts';
import { connectionDeadline, initialState, transition } from '../connection/connection-machine.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { prepareDial, type DialTarget } from '../driver/dialer.ts';
import { Link, type LinkEnd, type LinkHost } from '../driver/link.ts';
import { watchRefusal } from '../driver/refusal.ts';
import { browserOnly } from '../shared/platform.ts';
import { withSocketLimits } from '../driver/socket-limits.ts';
import type { Pump } from '../driver/pump.ts';
import { checkWelcome } from '../wire/check-welcome.ts';
import type { Encoded } from '../wire/codec.ts';
import { malformed } from '../wire/field.ts';
import { Kind, type RejectFrame } from '../wire/frame.ts';
import { parsePacket } from '../wire/parse-packet.ts';
import { WireError } from '../wire/wire-error.ts';
import type { ClientSession } from './client-session.ts';
import type { ResolvedOptions } from './resolve-options.ts';

/** Whom a {@link Connector} tells what changed. */
export interface ConnectorHost {
  /** Runs after the effects of the step. */
  changed(now: ConnectionState, before: ConnectionState): void;
}

/** Steps the connection machine and performs its effects: the one pipeline every dial takes. */
export class Connector implements LinkHost {
  state: ConnectionState = initialState;
  /** Resolves when the link dropped last is gone. */
  gone: Promise<void> | undefined;
  readonly #options: ResolvedOptions;
  readonly #pump: Pump;
  readonly #session: ClientSession;
  readonly #host: ConnectorHost;
  readonly #inputs: ConnectionInput[] = [];
  #stepping = false;
  #target: DialTarget | undefined;
  /** Grows with every preparation and drop, so that a late answer of an older one is known as such. */
  #generation = 0;
  /** What the last welcome asked for. */
  #spread = 0;

  constructor(options: ResolvedOptions, pump: Pump, session: ClientSession, host: ConnectorHost) {
    this.#options = options;
    this.#pump = pump;
    this.#session = session;
    this.#host = host;
  }

  /** When the machine wants a `timeout` input. */
  get deadline(): number {
    return connectionDeadline(this.state);
  }

  /** Steps the machine; inputs that arrive from listeners meanwhile take their turn after. */
  input(next: ConnectionInput): void {
    this.#inputs.push(next);
    if (this.#stepping) return;
    this.#stepping = true;
    const { clock, reconnect: policy } = this.#options;
    for (let turn; (turn = this.#inputs.shift()) !== undefined;) {
      const before = this.state;
      const [now, effects] = transition(before, turn, {
        now: clock.now(),
        random: () => clock.random(),
        policy,
        spread: this.#spread,
      });
      this.state = now;
      for (const effect of effects) this.#perform(effect);
      if (now !== before) this.#host.changed(now, before);
    }
    this.#stepping = false;
  }

  opened(protocol: string): void {
    const { subprotocol } = this.#options.codec;
    if (protocol === subprotocol) this.input({ type: 'opened' });
    else this.#refuse(4406, explain ? `offered ${subprotocol}, the server chose "${protocol.slice(0, 40)}"` : '');
  }

  received(data: Encoded): void {
    const pump = this.#pump;
    if (pump.endpoint.attached) return pump.receive(data);
    try {
      const [frame, more] = parsePacket(this.#options.codec.decode(data)).frames;
      if (frame?.[0] === Kind.reject) {
        const [, code, reason, hint] = frame as RejectFrame;
        return this.#refuse(code, reason, hint?.retryAfter);
      }
      // Nothing but a welcome may come first, and nothing with it.
      if (frame?.[0] !== Kind.welcome || more) throw malformed(explain && 'the first packet is not a welcome');
      const welcome = checkWelcome(frame[1]);
      const { link } = pump;
      this.#session.welcomed(welcome);
      this.#spread = welcome.spread;
      // Whoever was told of a lost session may have disconnected.
      if (pump.link === link) this.input({ type: 'welcomed', resumed: welcome.resumed });
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#refuse(error.closeCode, error.message);
    }
  }

  ended(end: LinkEnd): void {
    this.#pump.link = undefined;
    this.#session.detached(end.code);
    this.input({ type: 'lost', ...end });
  }

  #perform(effect: ConnectionEffect): void {
    if (effect.type === 'prepare') this.#prepare(effect.refresh);
    else if (effect.type === 'drop') this.#drop(effect.code, effect.reason);
    else {
      try {
        if (effect.type === 'open') this.#open();
        else this.#pump.link?.send(this.#session.hello(this.#target?.auth));
      } catch (cause) {
        this.#failed(cause);
      }
    }
  }

  #prepare(refresh: boolean): void {
    this.#generation += 1;
    const mine = this.#generation;
    const attempt = 'attempt' in this.state ? this.state.attempt : 1;
    prepareDial(this.#options, { attempt, refresh }).then(
      (prepared) => {
        if (mine !== this.#generation) return;
        this.#target = prepared;
        this.input({ type: 'prepared' });
      },
      (cause: unknown) => {
        if (mine === this.#generation) this.#failed(cause);
      },
    );
  }

  #open(): void {
    const { accepts, clock, codec, socketOptions, WebSocket: Socket } = this.#options;
    const { url } = this.#target as DialTarget;
    const options = browserOnly ? socketOptions : withSocketLimits(Socket, socketOptions, accepts.frame);
    const socket = new Socket(url, [codec.subprotocol], options);
    this.#pump.link = new Link(socket, clock, this, browserOnly ? undefined : watchRefusal(socket, clock));
  }

  /** What was to be done for a dial threw: the application's functions, the socket class, or the codec. */
  #failed(cause: unknown): void {
    const told = cause instanceof HawserError && cause.origin === 'system';
    const text =
      explain && `No connection could be tried, \`url\`, \`auth\` or the socket class failed: ${String(cause)}`;
    this.input({ type: 'failed', error: told ? (cause as SystemError) : systemError('UNAVAILABLE', text, { cause }) });
  }

  /** The server's reject, or an impossible answer of it, ends this try. */
  #refuse(code: number, reason: string, retryAfter?: number): void {
    this.#drop(code, reason);
    this.input({ type: 'lost', code, reason, retryAfter });
  }

  #drop(code: number, reason: string): void {
    const { link } = this.#pump;
    // Anything still being prepared belongs to an older generation from here on.
    this.#generation += 1;
    if (link === undefined) return;
    this.#pump.link = undefined;
    this.#session.detached(code);
    this.gone = link.drop(code, reason);
  }
}
