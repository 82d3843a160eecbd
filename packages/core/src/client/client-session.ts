import { explain } from '../shared/explain.ts';
import { Heartbeat } from '../endpoint/heartbeat.ts';
import type { Pump } from '../driver/pump.ts';
import type { Encoded } from '../wire/codec.ts';
import { malformed } from '../wire/field.ts';
import { Kind, type Hello, type Welcome } from '../wire/frame.ts';
import { protocolMinor } from '../wire/version.ts';
import type { SessionLost } from './client-surface.ts';
import type { ResolvedOptions } from './resolve-options.ts';
import { describeLoss } from './session-loss.ts';

/** The dialling end's session across its connections: asks to resume, begins anew, and accounts for what was lost. */
export class ClientSession {
  readonly #options: ResolvedOptions;
  readonly #pump: Pump;
  readonly #lost: (loss: SessionLost) => void;
  /** The session as the handshake needs it; `n` is the attempt number of the last hello that named it. */
  #ticket: { sid: string; tok: string; n: number } | undefined;

  constructor(options: ResolvedOptions, pump: Pump, lost: (loss: SessionLost) => void) {
    this.#options = options;
    this.#pump = pump;
    this.#lost = lost;
  }

  get id(): string | undefined {
    return this.#ticket?.sid;
  }

  /** The first packet of a connection; each one carries a larger attempt number (rule 3). */
  hello(auth: unknown): Encoded {
    const { accepts, codec, contract } = this.#options;
    const { received: recv, firstSeq: first } = this.#pump.endpoint.session;
    const ticket = this.#ticket;
    if (ticket !== undefined) ticket.n += 1;
    // Codecs leave undefined members out.
    const hello = {
      v: protocolMinor,
      caps: this.#pump.endpoint.caps,
      contract: contract.id,
      lim: accepts,
      auth,
      resume: ticket && { ...ticket, recv, first },
    };
    return codec.encodePacket(0, 0, [codec.encodeFrame([Kind.hello, hello as Hello])]);
  }

  /** Goes on, or begins anew, as the server decided. @throws WireError when its answer is impossible */
  welcomed({ resumed, sid, tok, recv, lim, hb, why, who, caps }: Welcome): void {
    const pump = this.#pump;
    const { link } = pump;
    if (resumed && sid !== this.id) throw malformed(explain && 'resumed what was not asked for');
    if (!resumed && this.#ticket !== undefined) this.lose(why ?? 'unknown');
    // Whoever was told of the loss may have disconnected.
    if (pump.link !== link) return;
    this.#ticket = { sid, tok, n: this.#ticket?.n ?? 0 };
    const now = this.#options.clock.now();
    pump.endpoint.attach({ peerReceived: recv, peerAccepts: lim, caps, who, heartbeat: new Heartbeat(hb, now) }, now);
  }

  /** The connection is gone; the session stays, unless one message keeps closing it. */
  detached(code: number): void {
    const { endpoint } = this.#pump;
    if (endpoint.attached && endpoint.detach(code)) this.lose('poison');
  }

  /** The session cannot go on: tells once, sorted, and starts over with what never left (rule 10). */
  lose(why: SessionLost['why']): void {
    this.#end(why, this.#options.requeueUnsent);
  }

  /** This side ends the session and stays usable: a loss only if something written is unacknowledged. */
  leave(): void {
    this.#end(this.#pump.endpoint.session.replayCount > 0 ? 'disconnected' : undefined, true);
  }

  /** The client is closed for good. @param told - whether the application learns what is left by other means */
  finish(told: boolean): void {
    this.#end(told || this.#pump.endpoint.outstanding === 0 ? undefined : 'closed', false, true);
  }

  /** Ends the present session; the next one begins with what never left, if `requeue`. */
  #end(why: SessionLost['why'] | undefined, requeue: boolean, closed = false): void {
    const pump = this.#pump;
    // What is still to be told belongs to the session that ends.
    pump.drain();
    const sid = this.id;
    this.#ticket = undefined;
    const { endpoint } = pump;
    const remains = endpoint.restart(requeue, why, closed);
    pump.drain();
    if (sid !== undefined && why !== undefined)
      this.#lost(describeLoss(sid, why, remains, this.#options.codec, requeue));
  }
}
