import type { Encoded } from '../wire/codec.ts';
import type { Clock } from './clock.ts';
import { browserOnly } from '../shared/platform.ts';
import { earsOf } from './emitter.ts';
import { faultOf, type Refusal } from './refusal.ts';
import type { SocketLike } from './socket.ts';

/** How a socket ended. */
export interface LinkEnd extends Refusal {
  /** Close code; 1006 when there was none. */
  readonly code: number;
  readonly reason: string;
  /** What the platform reported underneath. */
  readonly cause?: unknown;
}

/** Who listens to a link. */
export interface LinkHost {
  /** @param protocol - the sub-protocol the server chose */
  opened(protocol: string): void;
  received(data: Encoded): void;
  ended(end: LinkEnd): void;
}

/** How long the peer may take to answer a close before the connection is dropped, milliseconds. */
const closeTime = 2_000;

/**
 * One socket for one generation: its host hears of it until it ended or was dropped, never afterwards.
 *
 * A dropped link is detached first and closed second, so that nothing late can reach a newer connection.
 */
export class Link {
  readonly #socket: SocketLike;
  readonly #clock: Clock;
  #host: LinkHost | undefined;
  readonly #refusal: Refusal | undefined;
  #cause: unknown;
  #timer: unknown;
  #isGone: (() => void) | undefined;

  /** Takes over a socket, open or opening. @param refusal - filled by whoever can see why an upgrade was refused */
  constructor(socket: SocketLike, clock: Clock, host: LinkHost, refusal?: Refusal) {
    this.#socket = socket;
    this.#clock = clock;
    this.#host = host;
    if (!browserOnly) this.#refusal = refusal;
    socket.binaryType = 'arraybuffer';
    const ears = browserOnly ? socket : earsOf(socket);
    let opened = !browserOnly && socket.readyState === 1;
    ears.onopen = () => {
      if (!browserOnly) opened = true;
      this.#host?.opened(socket.protocol);
    };
    ears.onmessage = ({ data }: { data: string | ArrayBuffer | Uint8Array }) => {
      // Bytes come as ArrayBuffer in browsers and as views in some Node classes.
      const text = !browserOnly && typeof data === 'string';
      this.#host?.received(!text && data instanceof ArrayBuffer ? new Uint8Array(data) : data);
    };
    if (!browserOnly) {
      ears.onerror = ({ error, message }: { error?: unknown; message?: unknown }) => {
        this.#cause ??= error ?? message;
        // Some platforms report a refused upgrade by an error alone, without a close.
        if (!opened) clock.defer(() => this.#end(1006, ''));
      };
    }
    ears.onclose = ({ code, reason }: { code: number; reason: string }) => this.#end(code, reason);
  }

  /** Bytes handed over and not yet written to the network. */
  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  send(data: Encoded): void {
    const socket = this.#socket;
    if (this.#host && socket.readyState === 1) socket.send(data as string | Uint8Array<ArrayBuffer>);
  }

  /** Stops listening, then closes; resolves when the socket is gone. */
  drop(code: number, reason: string): Promise<void> {
    const socket = this.#socket;
    this.#host = undefined;
    const gone = new Promise<void>((resolve) => (this.#isGone = resolve));
    const terminate = (): void => {
      if (!browserOnly) socket.terminate?.();
      this.#end(code, reason);
    };
    // A peer that is silent (4542) answers no close either.
    if (socket.readyState === 3 || (!browserOnly && code === 4542 && socket.terminate)) terminate();
    else {
      this.#timer = this.#clock.setTimer(terminate, closeTime);
      try {
        socket.close(code, reason.slice(0, 40));
      } catch {
        // A code this platform may not send (below 3000 in browsers): the close matters more.
        socket.close();
      }
    }
    return gone;
  }

  #end(code: number, reason: string): void {
    const host = this.#host;
    this.#host = undefined;
    this.#clock.clearTimer(this.#timer);
    this.#isGone?.();
    const cause = this.#cause;
    host?.ended(browserOnly ? { code, reason } : { code, reason, cause, ...this.#refusal, ...faultOf(cause) });
  }
}
