import type { Link } from '../driver/link.ts';
import type { Pump } from '../driver/pump.ts';
import { Endpoint } from '../endpoint/endpoint.ts';
import type { Remains } from '../endpoint/endpoint-options.ts';
import type { Delivery } from '../endpoint/endpoint-io.ts';
import type { Encoded } from '../wire/codec.ts';
import type { ResumeRequest, Welcome } from '../wire/frame.ts';
import { WireError } from '../wire/wire-error.ts';
import type { SessionLost } from './client-surface.ts';
import { writeHello } from './greeting.ts';
import type { ResolvedOptions } from './resolve-options.ts';
import { describeLoss, lostCall } from './session-loss.ts';

/** The session as the handshake needs it. */
interface Ticket {
  readonly sid: string;
  readonly tok: string;
  /** Attempt number of the last hello that named it. */
  readonly n: number;
}

/** Who is told what becomes of sessions. */
export interface ClientSessionHost {
  deliver(deliveries: readonly Delivery[]): void;
  lost(loss: SessionLost): void;
}

/** The dialling end's session across its connections: asks to resume, begins anew, and accounts for what was lost. */
export class ClientSession {
  readonly #options: ResolvedOptions;
  readonly #pump: Pump;
  readonly #host: ClientSessionHost;
  #ticket: Ticket | undefined;

  constructor(options: ResolvedOptions, pump: Pump, host: ClientSessionHost) {
    this.#options = options;
    this.#pump = pump;
    this.#host = host;
  }

  get id(): string | undefined {
    return this.#ticket?.sid;
  }

  /** The first packet of a connection; each one carries a larger attempt number (rule 3). */
  hello(auth: unknown): Encoded {
    const { contract, endpoint: options } = this.#options;
    const { endpoint } = this.#pump;
    let resume: ResumeRequest | undefined;
    if (this.#ticket !== undefined) {
      this.#ticket = { ...this.#ticket, n: this.#ticket.n + 1 };
      resume = { ...this.#ticket, recv: endpoint.received, first: endpoint.firstSeq };
    }
    return writeHello(options.codec, contract.id, auth, options.accepts, resume);
  }

  /** Goes on, or begins anew, as the server decided. @throws WireError when its answer is impossible */
  welcomed(welcome: Welcome, link: Link): void {
    const asked = this.#ticket;
    if (welcome.resumed && welcome.sid !== asked?.sid) {
      throw new WireError(4400, 'the server resumed a session that was not asked for');
    }
    if (!welcome.resumed && asked !== undefined) this.lose(welcome.why ?? 'unknown');
    this.#ticket = { sid: welcome.sid, tok: welcome.tok, n: welcome.resumed ? (asked?.n ?? 0) : 0 };
    const attachment = {
      peerReceived: welcome.recv,
      peerAccepts: welcome.lim,
      heartbeat: welcome.hb,
      firstPing: Number.POSITIVE_INFINITY,
    };
    if (!this.#pump.endpoint.attach(attachment, this.#options.clock.now())) {
      throw new WireError(4400, 'the server acknowledges what was never sent, or forgot what it acknowledged');
    }
    this.#pump.bind(link);
  }

  /** The connection is gone; the session stays, unless one message keeps closing it. */
  detached(code: number): void {
    const { endpoint } = this.#pump;
    this.#pump.unbind();
    if (endpoint.attached && endpoint.detach(code) === 'poisoned') this.lose('poison');
  }

  /** The session cannot go on: tells once, sorted, and starts over with what never left (rule 10). */
  lose(why: SessionLost['why']): void {
    const { requeueUnsent } = this.#options;
    this.#tell(why, this.#succeed(requeueUnsent, 'lost'), requeueUnsent);
  }

  /** This side ends the session and stays usable: a loss only if something written is unacknowledged. */
  leave(): void {
    if (this.#pump.endpoint.unacknowledged > 0) {
      this.#tell('disconnected', this.#succeed(true, 'lost'), true);
      return;
    }
    this.#ticket = undefined;
    this.#succeed(true, 'lost');
  }

  /** The client is closed for good. @param told - whether the application learns what is left by other means */
  finish(told: boolean): void {
    const { endpoint } = this.#pump;
    const open = endpoint.unacknowledged + endpoint.unsent > 0;
    const remains = this.#succeed(false, 'closed');
    if (open && !told) this.#tell('closed', remains, false);
    this.#ticket = undefined;
  }

  #tell(why: SessionLost['why'], remains: Remains, requeued: boolean): void {
    const sid = this.#ticket?.sid;
    this.#ticket = undefined;
    if (sid !== undefined) this.#host.lost(describeLoss(sid, why, remains, this.#options.endpoint.codec, requeued));
  }

  /** Puts a new endpoint in the place of the old one, and hands out what the old one still had to say. */
  #succeed(requeue: boolean, after: 'lost' | 'closed'): Remains {
    const old = this.#pump.endpoint;
    const remains = old.end();
    const next = new Endpoint({ ...this.#options.endpoint, firstId: old.nextId });
    if (requeue) next.adopt(old, remains.unsent);
    old.failCalls((name, left) => lostCall(name, left, after));
    // In place first: what is delivered now may send at once.
    this.#pump.replace(next);
    this.#host.deliver(old.takeDeliveries());
    return remains;
  }
}
