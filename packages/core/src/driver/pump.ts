import type { Endpoint } from '../endpoint/endpoint.ts';
import type { Delivery, EndpointEffect } from '../endpoint/endpoint-io.ts';
import type { Encoded } from '../wire/codec.ts';
import type { Clock } from './clock.ts';
import type { Link } from './link.ts';

/** Who owns a pump. */
export interface PumpHost {
  /** User code may run here; requests are answered through the endpoint they came from. */
  deliver(deliveries: readonly Delivery[], endpoint: Endpoint): void;
  effect(effect: EndpointEffect): void;
  /** Further instant at which {@link PumpHost.timeout} wants to run; `Infinity` for none. */
  readonly deadline: number;
  timeout(now: number): void;
}

/** Volatile data is dropped while more than this waits in the socket, bytes. */
const congestion = 131_072;

/**
 * Drives one endpoint: feeds it, drains it, writes its packets to the present link, and keeps the one timer.
 *
 * Everything queued in one tick leaves together at the end of the microtask queue.
 */
export class Pump {
  readonly #clock: Clock;
  readonly #host: PumpHost;
  /** The present session's end; what an old one still delivers must be drained by whoever puts a new one in its place. */
  endpoint: Endpoint;
  #link: Link | undefined;
  #timer: unknown;
  #timerAt = Infinity;
  #awake = false;
  #draining = false;
  #stopped = false;

  constructor(clock: Clock, endpoint: Endpoint, host: PumpHost) {
    this.#clock = clock;
    this.endpoint = endpoint;
    this.#host = host;
  }

  get congested(): boolean {
    return (this.#link?.bufferedAmount ?? 0) > congestion;
  }

  /** The endpoint was attached over this link; `undefined` when the link is gone. */
  bind(link: Link | undefined): void {
    this.#link = link;
    this.wake();
  }

  /** One WebSocket message of the bound link. */
  receive(data: Encoded): void {
    this.endpoint.receive(data, this.#clock.now());
    this.drain();
    this.wake();
  }

  /** Transmit and re-arm soon; at once when a packet is full already, so that a burst does not fill the queue. */
  wake(): void {
    if (this.endpoint.crowded) this.flush();
    if (this.#awake || this.#stopped) return;
    this.#awake = true;
    this.#clock.defer(this.#turn);
  }

  /** Hands out what the endpoint has for the application and the driver, until there is nothing more. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (;;) {
        const endpoint = this.endpoint;
        const deliveries = endpoint.takeDeliveries();
        if (deliveries.length > 0) this.#host.deliver(deliveries, endpoint);
        const effects = endpoint.takeEffects();
        for (const effect of effects) this.#host.effect(effect);
        if (deliveries.length === 0 && effects.length === 0) return;
      }
    } finally {
      this.#draining = false;
    }
  }

  /** Writes now instead of at the end of the tick, before a link is closed on purpose. */
  flush(): void {
    const now = this.#clock.now();
    let packet: Encoded | undefined;
    while (this.#link !== undefined && (packet = this.endpoint.nextPacket(now)) !== undefined) this.#link.send(packet);
  }

  /** No timer afterwards. */
  stop(): void {
    this.#stopped = true;
    this.#link = undefined;
    this.#disarm();
  }

  readonly #turn = (): void => {
    this.#awake = false;
    if (this.#stopped) return;
    this.drain();
    this.flush();
    this.#arm();
  };

  readonly #ring = (): void => {
    this.#disarm();
    const now = this.#clock.now();
    this.endpoint.handleTimeout(now);
    this.#host.timeout(now);
    this.drain();
    this.wake();
  };

  /** An armed timer that rings early only looks again, so it is moved only to an earlier instant. */
  #arm(): void {
    if (this.#stopped) return;
    const at = Math.min(this.endpoint.deadline, this.#host.deadline);
    if (at >= this.#timerAt) return;
    this.#disarm();
    this.#timerAt = at;
    // Longer timers overflow in every JavaScript engine; ringing early is harmless.
    const delay = Math.min(Math.max(0, Math.ceil(at - this.#clock.now())), 2_000_000_000);
    this.#timer = this.#clock.setTimer(this.#ring, delay);
  }

  #disarm(): void {
    this.#clock.clearTimer(this.#timer);
    this.#timerAt = Infinity;
  }
}
