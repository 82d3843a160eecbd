import { explain } from '../shared/explain.ts';
import { systemError } from '../shared/errors.ts';
import type { ConnectionEffect, ConnectionInput } from '../connection/connection-io.ts';
import { connectionDeadline, initialState, transition } from '../connection/connection-machine.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { prepareDial, type DialTarget } from '../driver/dialer.ts';
import { makeLink, type Link } from '../driver/link.ts';
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

/** The connection machine at work. */
export interface Connector {
  readonly state: ConnectionState;
  /** When the machine wants a `timeout` input. */
  readonly deadline: number;
  /** Steps the machine; inputs that arrive from listeners meanwhile take their turn after. */
  input(input: ConnectionInput): void;
  /** The server's reject, or an impossible answer of it, ends this try. */
  refuse(code: number, reason: string, retryAfter?: number): void;
  /** Resolves when the present socket is gone; at once when there is none. */
  gone(): Promise<void>;
}

/** Steps the connection machine and performs its effects: the one pipeline every dial takes. */
export function makeConnector(options: ResolvedOptions, spread: () => number, host: ConnectorHost): Connector {
  const { clock, endpoint, reconnect, socketOptions, WebSocket: Socket } = options;
  const { subprotocol } = endpoint.codec;
  const inputs: ConnectionInput[] = [];
  let state: ConnectionState = initialState;
  let stepping = false;
  let target: DialTarget | undefined;
  /** Grows with every preparation and drop, so that a late answer of an older one is known as such. */
  let generation = 0;
  let link: Link | undefined;
  let onGone: (() => void) | undefined;

  function input(next: ConnectionInput): void {
    inputs.push(next);
    if (stepping) return;
    stepping = true;
    for (let turn = inputs.shift(); turn !== undefined; turn = inputs.shift()) {
      const before = state;
      const context = { now: clock.now(), random: () => clock.random(), policy: reconnect, spread: spread() };
      const [now, effects] = transition(before, turn, context);
      state = now;
      effects.forEach(perform);
      if (now !== before) host.changed(now, before);
    }
    stepping = false;
  }

  function perform(effect: ConnectionEffect): void {
    if (effect.type === 'prepare') prepare(effect.refresh);
    else if (effect.type === 'open') open();
    else if (effect.type === 'greet') greet();
    else drop(effect.code, effect.reason);
  }

  function prepare(refresh: boolean): void {
    generation += 1;
    const mine = generation;
    const attempt = 'attempt' in state ? state.attempt : 1;
    prepareDial(options, { attempt, refresh }, (outcome) => {
      if (mine !== generation) return;
      if ('error' in outcome) input({ type: 'failed', error: outcome.error });
      else {
        target = outcome;
        input({ type: 'prepared' });
      }
    });
  }

  function open(): void {
    const { url } = target as DialTarget;
    const args: [string, string[], object?] = [url, [subprotocol]];
    // Browsers take a third argument for something else one day; Node's options are given only when there are some.
    if (socketOptions !== undefined) args.push(socketOptions);
    try {
      const mine: Link = makeLink(new Socket(...args), clock, {
        opened() {
          if (mine.protocol === subprotocol) input({ type: 'opened' });
          else refuse(4406, explain ? `offered ${subprotocol}, the server chose "${mine.protocol.slice(0, 40)}"` : '');
        },
        received: (data) => host.received(data, mine),
        ended(end) {
          link = undefined;
          onGone?.();
          host.detached(end.code);
          // `ws` ends the upgrade itself when the server does not echo the sub-protocol, and says so only in words.
          const { cause } = end;
          const refused = cause instanceof Error && /subprotocol/.test(cause.message);
          input({ type: 'lost', ...end, ...(refused && { code: 4406, reason: cause.message }) });
        },
      });
      link = mine;
    } catch (cause) {
      failed(cause, explain && 'No socket could be made; the cause says why.');
    }
  }

  function greet(): void {
    try {
      link?.send(host.hello(target?.auth));
    } catch (cause) {
      failed(cause, explain && 'What `auth` gave cannot be encoded.');
    }
  }

  function failed(cause: unknown, text: string | false): void {
    input({ type: 'failed', error: systemError('UNAVAILABLE', text, { cause }) });
  }

  function refuse(code: number, reason: string, retryAfter?: number): void {
    // Browsers may not send the codes below 3000.
    drop(code < 3000 ? 4400 : code, reason);
    input({ type: 'lost', code, reason, ...(retryAfter !== undefined && { retryAfter }) });
  }

  function drop(code: number, reason: string): void {
    // Anything still being prepared belongs to an older generation from here on.
    generation += 1;
    const dropped = link;
    if (dropped === undefined) return;
    link = undefined;
    host.detached(code);
    dropped.drop(code, reason, onGone);
  }

  return {
    get state() {
      return state;
    },
    get deadline() {
      return connectionDeadline(state);
    },
    input,
    refuse,
    gone: () => new Promise((resolve) => (link === undefined ? resolve() : (onGone = resolve))),
  };
}
