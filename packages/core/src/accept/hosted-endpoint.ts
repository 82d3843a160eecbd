import { BulkEndpoint } from '../endpoint/bulk-endpoint.ts';
import type { HeartbeatTiming } from '../endpoint/heartbeat.ts';
import type { Attachment, EndpointOptions } from '../endpoint/endpoint-options.ts';
import { slowConsumer, type Lane } from '../endpoint/overflow.ts';
import type { SendItem, SendItemKind } from '../session/send-item.ts';
import type { Encoded } from '../wire/codec.ts';
import type { Frame, Packet, UnknownFrame } from '../wire/frame.ts';
import { isSequenced } from '../wire/frame-kind.ts';
import { WireError } from '../wire/wire-error.ts';
import { rateOf, Rates, type RateLimits, type RateName } from './rates.ts';

/** The endpoint of a server: it bounds how often the other end may send what, and how slowly it may read. */
export class HostedEndpoint extends BulkEndpoint {
  readonly #limits: RateLimits;
  #timing: HeartbeatTiming | undefined;
  /** Made when something is counted that has a limit: idle connections have none. */
  #rates: Rates | undefined;

  constructor(options: EndpointOptions, limits: RateLimits) {
    super(options);
    this.#limits = limits;
  }

  /** Whether a client at this position could go on. */
  canResume(peerReceived: number): boolean {
    return !this.over && this.session.canResume(peerReceived);
  }

  override attach(attachment: Attachment, now: number): void {
    this.#timing = attachment.heartbeat.timing;
    this.#rates = undefined;
    super.attach(attachment, now);
  }

  override take(packet: Packet, bytes: number, now: number): void {
    const { frames, seq, ack } = packet;
    let number = seq;
    if (frames.length === 0 && ack < this.session.firstSeq) this.#count('control', now);
    for (let place = 0; place < frames.length; place += 1) {
      const frame = frames[place] as UnknownFrame;
      const sequenced = isSequenced(frame[0]);
      const name = rateOf(frame);
      // What comes again after a resume was counted when it came first.
      const counts = name !== undefined && !(sequenced && number <= this.session.received);
      if (counts && !this.#allows(name, now)) {
        // What came before it is taken, so that a client that comes back for the rest gets on.
        super.take({ seq: number > seq ? seq : 0, ack, frames: frames.slice(0, place) }, bytes, now);
        throw tooMuch(name);
      }
      if (sequenced) number += 1;
    }
    super.take(packet, bytes, now);
  }

  /** Takes what can be kept and closes the connection of a slow reader (4541): an application cannot wait for one peer. */
  override queue(kind: SendItemKind, name: string, encoded: Encoded, key?: string | number): SendItem {
    const item = super.queue(kind, name, encoded, key);
    // What waits here could not be written because nothing is acknowledged. Half the room is left for the time away.
    const { queueCount, queueBytes, limits } = this.session;
    const slow = queueCount * 2 > limits.queueCount || queueBytes * 2 > limits.queueBytes;
    if (slow && this.attached && !this.over) {
      this.attached = false;
      this.outputs.push(slowConsumer);
    }
    return item;
  }

  override takeWhole(frame: Frame, bytes: number, now: number): void {
    // It has its number already and does not come again, so it is taken even if it is the one too many.
    super.takeWhole(frame, bytes, now);
    this.#count(rateOf(frame as UnknownFrame), now);
  }

  protected override hasRoom(item: SendItem, lane: Lane): boolean {
    return !this.isBulky(item, lane) || super.hasRoom(item, lane);
  }

  #count(name: RateName | undefined, now: number): void {
    if (name !== undefined && !this.#allows(name, now)) throw tooMuch(name);
  }

  #allows(name: RateName, now: number): boolean {
    if (this.#limits[name].perSecond === Infinity) return true;
    this.#rates ??= new Rates(this.#widened());
    return this.#rates.allows(name, now);
  }

  /** The limits, as far as they leave room for what well-behaved clients of this connection do. */
  #widened(): RateLimits {
    const { control, cancels } = this.#limits;
    // Whoever gives up everything at once, twice over, is a client like any other.
    const given = { ...cancels, burst: Math.max(cancels.burst, 2 * this.options.accepts.inflight) };
    if (this.#timing === undefined) return { ...this.#limits, cancels: given };
    const { every, grace } = this.#timing;
    // Each ping of this end has a pong and a ping for an answer, and a fast rhythm has many, all at once after a stall.
    const heartbeats = {
      perSecond: Math.max(control.perSecond, 4_000 / every),
      burst: Math.max(control.burst, Math.ceil((4 * (every + grace)) / every)),
    };
    return { ...this.#limits, control: heartbeats, cancels: given };
  }
}

function tooMuch(name: RateName): WireError {
  return new WireError(4529, `too many ${name}`);
}
