import { browserOnly } from '../shared/platform.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { EndpointOutput } from '../endpoint/endpoint-io.ts';
import { fullPacket } from '../endpoint/outbox.ts';
import type { Encoded } from '../wire/codec.ts';
import type { Clock } from './clock.ts';
import { Heat } from './heat.ts';
import type { Link } from './link.ts';

/** Who owns a pump. */
export interface PumpHost {
  /** User code may run here. */
  take(output: EndpointOutput): void;
  /** When {@link PumpHost.tick} must run at the latest; `Infinity` for never. */
  readonly deadline: number;
  /** Runs in every turn, also early. */
  tick(now: number): void;
}

/** Volatile data is dropped, and chunks wait, while more than this waits in the socket, bytes. */
const congestion = 131_072;

/** Where there is one. */
interface Page {
  readonly document?: object;
}

/**
 * Drives one endpoint: feeds it, drains it, writes its packets to the present link, and keeps the one timer.
 *
 * Everything queued in one tick leaves together in one turn, at the end of the microtask queue. On a link that is hot,
 * one-way data waits some milliseconds for more: {@link Heat} says how long.
 */
export class Pump {
  readonly endpoint: Endpoint;
  /** The present link; packets leave over it once the endpoint is attached. */
  link: Link | undefined;
  /** Whether a turn comes soon, in which everything queued leaves; for reading. */
  awake = false;
  readonly #clock: Clock;
  readonly #host: PumpHost;
  /** Made when there is something that could wait. */
  #heat: Heat | undefined;
  #timer: unknown;
  #timerAt = Infinity;

  constructor(clock: Clock, endpoint: Endpoint, host: PumpHost) {
    this.#clock = clock;
    this.endpoint = endpoint;
    this.#host = host;
  }

  get congested(): boolean {
    return (this.link?.bufferedAmount ?? 0) > congestion;
  }

  /** One WebSocket message of the present link. */
  receive(data: Encoded): void {
    this.endpoint.receive(data, this.#clock.now());
    this.drain();
    this.wake();
  }

  /** Takes a turn soon; writes at once when a packet is full already, so that a burst does not fill the queue. */
  wake(): void {
    if (this.endpoint.session.queueBytes > fullPacket) this.flush();
    if (this.awake) return;
    this.awake = true;
    this.#clock.defer(this.#turn);
  }

  /** Hands out what the endpoint has to say, in order, until there is nothing more. */
  drain(): void {
    for (let output; (output = this.endpoint.outputs.shift()) !== undefined;) this.#host.take(output);
  }

  /** Writes now instead of at the end of the tick, before a link is closed on purpose. */
  flush(): void {
    const now = this.#clock.now();
    let packet: Encoded | undefined;
    while (this.link !== undefined && (packet = this.endpoint.nextPacket(now, this)) !== undefined) {
      this.link.send(packet);
      if (!browserOnly && this.endpoint.urgency === 0) return;
    }
  }

  /** No timer afterwards. */
  stop(): void {
    this.link = undefined;
    this.#clock.clearTimer(this.#timer);
    this.#timerAt = -Infinity;
  }

  readonly #turn = (): void => {
    this.awake = false;
    const now = this.#clock.now();
    const { endpoint } = this;
    endpoint.handleTimeout(now);
    this.drain();
    this.#host.tick(now);
    const held = browserOnly || !mayWait(endpoint, now) ? 0 : (this.#heat ??= new Heat()).until(endpoint.urgency, now);
    if (!held) this.flush();
    // An armed timer that rings early only takes a turn, so it is moved only to an earlier instant.
    const due = Math.min(endpoint.deadline, this.#host.deadline);
    const at = held ? Math.min(due, held) : due;
    if (at >= this.#timerAt) return;
    this.#clock.clearTimer(this.#timer);
    this.#timerAt = at;
    // Longer timers overflow in every JavaScript engine; ringing early is harmless.
    this.#timer = this.#clock.setTimer(this.#ring, Math.min(Math.max(0, Math.ceil(at - now)), 2_000_000_000));
  };

  readonly #ring = (): void => {
    this.#timerAt = Infinity;
    this.#turn();
  };
}

/** Whether what there is to send may wait for more. */
function mayWait(endpoint: Endpoint, now: number): boolean {
  const { urgency } = endpoint;
  // What is due must leave, or the timer would ring for it again and again. And the timers of a hidden page ring once a
  // second: the end of a burst must not depend on them.
  return urgency > 0 && urgency < Infinity && endpoint.deadline > now && !(globalThis as Page).document;
}
