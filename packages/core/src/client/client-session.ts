import type { Link } from '../driver/link.ts';
import type { Pump } from '../driver/pump.ts';
import { Endpoint } from '../endpoint/endpoint.ts';
import type { Remains } from '../endpoint/endpoint-options.ts';
import type { Delivery, EndpointEffect } from '../endpoint/endpoint-io.ts';
import type { Encoded } from '../wire/codec.ts';
import type { ResumeRequest, Welcome } from '../wire/frame.ts';
import { WireError } from '../wire/wire-error.ts';
import type { SessionLost } from './client-surface.ts';
import { writeHello } from './greeting.ts';
import type { ResolvedOptions } from './resolve-options.ts';
import { describeLoss, lostCall } from './session-loss.ts';

/** The session as the handshake needs it; `n` is the attempt number of the last hello that named it. */
type Ticket = Pick<ResumeRequest, 'sid' | 'tok' | 'n'>;

/** Who is told what becomes of sessions. */
export interface ClientSessionHost {
  deliver(deliveries: readonly Delivery[], endpoint: Endpoint): void;
  effect(effect: EndpointEffect): void;
  lost(loss: SessionLost): void;
}

/** The dialling end's session across its connections. */
export interface ClientSession {
  readonly id: string | undefined;
  /** The first packet of a connection; each one carries a larger attempt number (rule 3). */
  hello(auth: unknown): Encoded;
  /** Goes on, or begins anew, as the server decided. @throws WireError when its answer is impossible */
  welcomed(welcome: Welcome, link: Link): void;
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
export function makeClientSession(options: ResolvedOptions, pump: Pump, host: ClientSessionHost): ClientSession {
  const { codec, accepts } = options.endpoint;
  let ticket: Ticket | undefined;

  /** Ends the present session, and puts a new endpoint in its place. */
  function end(why: SessionLost['why'] | undefined, requeue: boolean, after: 'lost' | 'closed'): void {
    const old = pump.endpoint;
    // Read first: what is delivered below may end the next session, too.
    const sid = ticket?.sid;
    const remains: Remains = old.end();
    const next = new Endpoint({ ...options.endpoint, firstId: old.nextId });
    if (requeue) next.adopt(old, remains.unsent);
    old.failCalls((name, left) => lostCall(name, left, after));
    // In place first: what is delivered now may send at once.
    pump.endpoint = next;
    host.deliver(old.takeDeliveries(), old);
    // The rest is about a connection that is over; what was dropped is told whatever becomes of the session.
    for (const effect of old.takeEffects()) if (effect.type === 'dropped') host.effect(effect);
    ticket = undefined;
    if (sid !== undefined && why !== undefined) host.lost(describeLoss(sid, why, remains, codec, requeue));
  }

  const lose = (why: SessionLost['why']): void => end(why, options.requeueUnsent, 'lost');

  return {
    get id() {
      return ticket?.sid;
    },
    hello(auth) {
      let resume: ResumeRequest | undefined;
      if (ticket !== undefined) {
        ticket = { ...ticket, n: ticket.n + 1 };
        resume = { ...ticket, recv: pump.endpoint.received, first: pump.endpoint.firstSeq };
      }
      return writeHello(codec, options.contract.id, auth, accepts, resume);
    },
    welcomed({ resumed, sid, tok, recv, lim, hb, why }, link) {
      if (resumed && sid !== ticket?.sid) throw new WireError(4400, 'resumed what was not asked for');
      if (!resumed && ticket !== undefined) lose(why ?? 'unknown');
      // Whoever was told of the loss may have disconnected.
      if (!link.live) return;
      ticket = { sid, tok, n: ticket?.n ?? 0 };
      const attachment = { peerReceived: recv, peerAccepts: lim, heartbeat: hb, firstPing: Infinity };
      if (!pump.endpoint.attach(attachment, options.clock.now())) throw new WireError(4400, 'impossible position');
      pump.bind(link);
    },
    detached(code) {
      pump.bind(undefined);
      if (pump.endpoint.attached && pump.endpoint.detach(code) === 'poisoned') lose('poison');
    },
    lose,
    leave: () => end(pump.endpoint.unacknowledged > 0 ? 'disconnected' : undefined, true, 'lost'),
    finish(told) {
      const { unacknowledged, unsent } = pump.endpoint;
      end(told || unacknowledged + unsent === 0 ? undefined : 'closed', false, 'closed');
    },
  };
}
