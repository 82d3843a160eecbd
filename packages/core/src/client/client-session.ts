import { explain } from '../shared/explain.ts';
import type { Pump } from '../driver/pump.ts';
import type { Encoded } from '../wire/codec.ts';
import { malformed } from '../wire/field.ts';
import { Kind, type Hello, type Welcome } from '../wire/frame.ts';
import { protocolMinor } from '../wire/version.ts';
import type { SessionLost } from './client-surface.ts';
import type { ResolvedOptions } from './resolve-options.ts';
import { describeLoss, lostCall } from './session-loss.ts';

/** The dialling end's session across its connections. */
export interface ClientSession {
  readonly id: string | undefined;
  /** The first packet of a connection; each one carries a larger attempt number (rule 3). */
  hello(auth: unknown): Encoded;
  /** Goes on, or begins anew, as the server decided. @throws WireError when its answer is impossible */
  welcomed(welcome: Welcome): void;
  /** The connection is gone; the session stays, unless one message keeps closing it. */
  detached(code: number): void;
  /** The session cannot go on: tells once, sorted, and starts over with what never left (rule 10). */
  lose(why: SessionLost['why']): void;
  /** This side ends the session and stays usable: a loss only if something written is unacknowledged. */
  leave(): void;
  /** The client is closed for good. @param told - whether the application learns what is left by other means */
  finish(told: boolean): void;
}

/** Asks to resume, begins anew, and accounts for what was lost. */
export function makeClientSession(
  { clock, contract, accepts, codec, requeueUnsent }: ResolvedOptions,
  pump: Pump,
  lost: (loss: SessionLost) => void,
): ClientSession {
  const { endpoint } = pump;
  /** The session as the handshake needs it; `n` is the attempt number of the last hello that named it. */
  let ticket: { sid: string; tok: string; n: number } | undefined;

  /** Ends the present session; the next one begins with what never left, if `requeue`. */
  function end(why: SessionLost['why'] | undefined, requeue: boolean, closed = false): void {
    // What is still to be told belongs to the session that ends.
    pump.drain();
    const sid = ticket?.sid;
    ticket = undefined;
    const remains = endpoint.restart(requeue, (name, left) => lostCall(name, left, closed));
    pump.drain();
    if (sid !== undefined && why !== undefined) lost(describeLoss(sid, why, remains, codec, requeue));
  }

  const lose = (why: SessionLost['why']): void => end(why, requeueUnsent);

  return {
    get id() {
      return ticket?.sid;
    },
    hello(auth) {
      const { received: recv, firstSeq: first } = endpoint.session;
      if (ticket !== undefined) ticket.n += 1;
      // Codecs leave undefined members out.
      const hello = {
        v: protocolMinor,
        caps: [],
        contract: contract.id,
        lim: accepts,
        auth,
        resume: ticket && { ...ticket, recv, first },
      };
      return codec.encodePacket(0, 0, [codec.encodeFrame([Kind.hello, hello as Hello])]);
    },
    welcomed({ resumed, sid, tok, recv, lim, hb, why }) {
      const { link } = pump;
      if (resumed && sid !== ticket?.sid) throw malformed(explain && 'resumed what was not asked for');
      if (!resumed && ticket !== undefined) lose(why ?? 'unknown');
      // Whoever was told of the loss may have disconnected.
      if (pump.link !== link) return;
      ticket = { sid, tok, n: ticket?.n ?? 0 };
      endpoint.attach({ peerReceived: recv, peerAccepts: lim, heartbeat: hb, firstPing: Infinity }, clock.now());
    },
    detached(code) {
      if (endpoint.attached && endpoint.detach(code)) lose('poison');
    },
    lose,
    leave: () => end(endpoint.session.replayCount > 0 ? 'disconnected' : undefined, true),
    finish: (told) => end(told || endpoint.session.size === 0 ? undefined : 'closed', false, true),
  };
}
