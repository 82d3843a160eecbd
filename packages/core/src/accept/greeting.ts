import type { Clock } from '../driver/clock.ts';
import { Link, type LinkEnd, type LinkHost } from '../driver/link.ts';
import type { SocketLike } from '../driver/socket.ts';
import type { Codec, Encoded } from '../wire/codec.ts';

/** Who listens to connections that were not welcomed yet. */
export interface Greeter<Info> {
  greeted(greeting: Greeting<Info>, data: Encoded): void;
  left(greeting: Greeting<Info>): void;
}

/** Who listens once it was welcomed. */
export interface Welcomed {
  receive(data: Encoded): void;
  lostLink(code: number): void;
  /** The socket has room again. */
  wake(): void;
}

/** Hears one connection: for its greeter until the welcome, for its peer from then on. */
export class Greeting<Info> implements LinkHost {
  readonly link: Link;
  readonly codec: Codec;
  /** What the adapter knows of it; `undefined` once nobody needs it any more, for it is large. */
  request: Info | undefined;
  timer: unknown;
  phase: 'waiting' | 'authenticating' | 'over' = 'waiting';
  readonly #greeter: Greeter<Info>;
  #peer: Welcomed | undefined;

  constructor(socket: SocketLike, clock: Clock, codec: Codec, request: Info, greeter: Greeter<Info>) {
    this.codec = codec;
    this.request = request;
    this.#greeter = greeter;
    this.link = new Link(socket, clock, this);
  }

  /** From here on the peer is told. */
  welcomed(peer: Welcomed): void {
    this.#peer = peer;
    this.request = undefined;
  }

  /** The socket has room again. */
  drained(): void {
    this.#peer?.wake();
  }

  opened(): void {
    // It was open already.
  }

  received(data: Encoded): void {
    if (this.#peer === undefined) this.#greeter.greeted(this, data);
    else this.#peer.receive(data);
  }

  ended(end: LinkEnd): void {
    if (this.#peer === undefined) this.#greeter.left(this);
    else this.#peer.lostLink(end.code);
  }
}
