import { explain } from '../shared/explain.ts';
import { HawserError, systemError, type SystemError } from '../shared/errors.ts';
import type { ConnectionEffect, ConnectionInput } from '../connection/connection-io.ts';
import { connectionDeadline, initialState, transition } from '../connection/connection-machine.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { prepareDial, type DialTarget } from '../driver/dialer.ts';
import { makeLink } from '../driver/link.ts';
import { withSocketLimits } from '../driver/socket-limits.ts';
import type { Pump } from '../driver/pump.ts';
import { checkWelcome } from '../wire/check-welcome.ts';
import type { Encoded } from '../wire/codec.ts';
import { malformed } from '../wire/field.ts';
import { Kind, type RejectFrame, type Welcome } from '../wire/frame.ts';
import { parsePacket } from '../wire/parse-packet.ts';
import { WireError } from '../wire/wire-error.ts';
import type { ResolvedOptions } from './resolve-options.ts';

/** Who uses the connection a {@link Connector} keeps up. */
export interface ConnectorHost {
  /** The first packet of a connection. @throws when the credential cannot be encoded */
  hello(auth: unknown): Encoded;
  /** The server's answer to it. @throws WireError when it is impossible */
  welcomed(welcome: Welcome): void;
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
}

/** Steps the connection machine and performs its effects: the one pipeline every dial takes. */
export function makeConnector(options: ResolvedOptions, pump: Pump, host: ConnectorHost): Connector {
  const { accepts, clock, codec, reconnect: policy, socketOptions, WebSocket: Socket } = options;
  const { subprotocol } = codec;
  const inputs: ConnectionInput[] = [];
  let state: ConnectionState = initialState;
  let stepping = false;
  let target: DialTarget | undefined;
  /** Grows with every preparation and drop, so that a late answer of an older one is known as such. */
  let generation = 0;
  /** What the last welcome asked for. */
  let spread = 0;

  function input(next: ConnectionInput): void {
    inputs.push(next);
    if (stepping) return;
    stepping = true;
    for (let turn; (turn = inputs.shift()) !== undefined;) {
      const before = state;
      const [now, effects] = transition(before, turn, {
        now: clock.now(),
        random: () => clock.random(),
        policy,
        spread,
      });
      state = now;
      effects.forEach(perform);
      if (now !== before) host.changed(now, before);
    }
    stepping = false;
  }

  function perform(effect: ConnectionEffect): void {
    if (effect.type === 'prepare') prepare(effect.refresh);
    else if (effect.type === 'drop') drop(effect.code, effect.reason);
    else {
      try {
        if (effect.type === 'open') open();
        else pump.link?.send(host.hello(target?.auth));
      } catch (cause) {
        failed(cause);
      }
    }
  }

  function prepare(refresh: boolean): void {
    generation += 1;
    const mine = generation;
    const attempt = 'attempt' in state ? state.attempt : 1;
    prepareDial(options, { attempt, refresh }).then(
      (prepared) => {
        if (mine !== generation) return;
        target = prepared;
        input({ type: 'prepared' });
      },
      (cause: unknown) => {
        if (mine === generation) failed(cause);
      },
    );
  }

  function open(): void {
    const { url } = target as DialTarget;
    pump.link = makeLink(
      new Socket(url, [subprotocol], withSocketLimits(Socket, socketOptions, accepts.frame)),
      clock,
      {
        opened(protocol) {
          if (protocol === subprotocol) input({ type: 'opened' });
          else refuse(4406, explain ? `offered ${subprotocol}, the server chose "${protocol.slice(0, 40)}"` : '');
        },
        received,
        ended(end) {
          pump.link = undefined;
          host.detached(end.code);
          input({ type: 'lost', ...end });
        },
      },
    );
  }

  function received(data: Encoded): void {
    if (pump.endpoint.attached) return pump.receive(data);
    try {
      const [frame, more] = parsePacket(codec.decode(data)).frames;
      if (frame?.[0] === Kind.reject) {
        const [, code, reason, hint] = frame as RejectFrame;
        return refuse(code, reason, hint?.retryAfter);
      }
      // Nothing but a welcome may come first, and nothing with it.
      if (frame?.[0] !== Kind.welcome || more) throw malformed(explain && 'the first packet is not a welcome');
      const welcome = checkWelcome(frame[1]);
      const { link } = pump;
      host.welcomed(welcome);
      spread = welcome.spread;
      // Whoever was told of a lost session may have disconnected.
      if (pump.link === link) input({ type: 'welcomed', resumed: welcome.resumed });
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      refuse(error.closeCode, error.message);
    }
  }

  /** What was to be done for a dial threw: the application's functions, the socket class, or the codec. */
  function failed(cause: unknown): void {
    const told = cause instanceof HawserError && cause.origin === 'system';
    const text =
      explain && `No connection could be tried, \`url\`, \`auth\` or the socket class failed: ${String(cause)}`;
    input({ type: 'failed', error: told ? (cause as SystemError) : systemError('UNAVAILABLE', text, { cause }) });
  }

  /** The server's reject, or an impossible answer of it, ends this try. */
  function refuse(code: number, reason: string, retryAfter?: number): void {
    drop(code, reason);
    input({ type: 'lost', code, reason, retryAfter });
  }

  function drop(code: number, reason: string): void {
    const { link } = pump;
    // Anything still being prepared belongs to an older generation from here on.
    generation += 1;
    if (link === undefined) return;
    pump.link = undefined;
    host.detached(code);
    link.drop(code, reason);
  }

  return {
    get state() {
      return state;
    },
    get deadline() {
      return connectionDeadline(state);
    },
    input,
  };
}
