import type { Encoded } from '../wire/codec.ts';
import type { Clock } from './clock.ts';
import type { SocketLike } from './socket.ts';

/** How a socket ended. */
export interface LinkEnd {
  /** Close code; 1006 when there was none. */
  readonly code: number;
  readonly reason: string;
  /** HTTP status of a refused upgrade, where the platform shows it. */
  readonly status?: number;
  /** Milliseconds the refusing server asked to wait. */
  readonly retryAfter?: number;
  /** What the platform reported underneath. */
  readonly cause?: unknown;
}

/** Who listens to a link. */
export interface LinkHost {
  opened(): void;
  received(data: Encoded): void;
  ended(end: LinkEnd): void;
}

/** How long the peer may take to answer a close before the connection is dropped, milliseconds. */
const closeTime = 2_000;
/** Closes for these reasons expect no answer: the peer is silent. */
const silent: ReadonlySet<number> = new Set([4508, 4542]);

interface MessageEventLike {
  readonly data: unknown;
}
interface CloseEventLike {
  readonly code: number;
  readonly reason: string;
}
interface UpgradeResponse {
  readonly statusCode?: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * One socket for one generation: its host hears of it until it ended or was dropped, never afterwards.
 *
 * A dropped link is detached first and closed second, so that nothing late can reach a newer connection.
 */
export class Link {
  readonly #socket: SocketLike;
  readonly #clock: Clock;
  #host: LinkHost | undefined;
  #opened: boolean;
  #cause: unknown;
  #refusal: { status?: number; retryAfter?: number } = {};

  constructor(socket: SocketLike, clock: Clock, host: LinkHost) {
    this.#socket = socket;
    this.#clock = clock;
    this.#host = host;
    this.#opened = socket.readyState === 1;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      this.#opened = true;
      this.#host?.opened();
    };
    socket.onmessage = (event: MessageEventLike) => {
      const { data } = event;
      // Bytes come as ArrayBuffer in browsers and as views in some Node classes.
      this.#host?.received(typeof data === 'string' ? data : data instanceof ArrayBuffer ? new Uint8Array(data) : (data as Uint8Array));
    };
    socket.onerror = (event: unknown) => this.#failed(event);
    socket.onclose = (event: CloseEventLike) => this.#end(event.code, event.reason);
    this.#watchRefusal(socket);
  }

  get protocol(): string {
    return this.#socket.protocol ?? '';
  }

  /** Bytes handed over and not yet written to the network. */
  get bufferedAmount(): number {
    return this.#socket.bufferedAmount ?? 0;
  }

  send(data: Encoded): void {
    if (this.#host === undefined || this.#socket.readyState !== 1) return;
    this.#socket.send(data as string | Uint8Array<ArrayBuffer>);
  }

  /** Stops listening, then closes. Resolves `done` when the socket is gone. */
  drop(code: number, reason: string, done?: () => void): void {
    this.#host = undefined;
    const socket = this.#socket;
    if (socket.readyState === 3) {
      done?.();
      return;
    }
    let timer: unknown;
    socket.onopen = null;
    socket.onmessage = null;
    // Closing a socket that is still opening reports an error nobody needs.
    socket.onerror = () => undefined;
    socket.onclose = () => {
      this.#clock.clearTimer(timer);
      done?.();
    };
    timer = this.#clock.setTimer(() => {
      socket.terminate?.();
      socket.onclose = null;
      done?.();
    }, closeTime);
    if (silent.has(code) && socket.terminate !== undefined) {
      socket.terminate();
      return;
    }
    try {
      // A reason over 123 bytes makes close() throw; codes outside a browser's range do as well.
      socket.close(code, reason.slice(0, 40));
    } catch {
      socket.close();
    }
  }

  /** A refused upgrade shows its status only in Node, through this event. */
  #watchRefusal(socket: SocketLike): void {
    const on = (socket as { on?: (event: string, fn: (request: unknown, response: UpgradeResponse) => void) => void }).on;
    if (typeof on !== 'function' || this.#opened) return;
    on.call(socket, 'unexpected-response', (_request, response) => {
      const header = response.headers['retry-after'];
      const retryAfter = typeof header === 'string' ? retryAfterMs(header, this.#clock.now()) : undefined;
      this.#refusal = {
        ...(response.statusCode === undefined ? undefined : { status: response.statusCode }),
        ...(retryAfter === undefined ? undefined : { retryAfter }),
      };
      socket.terminate?.();
    });
  }

  #failed(event: unknown): void {
    const { error, message } = event as { error?: unknown; message?: unknown };
    this.#cause ??= error ?? message;
    // Some platforms report a refused upgrade by an error alone, without a close.
    if (!this.#opened) this.#clock.defer(() => this.#end(1006, ''));
  }

  #end(code: number, reason: string): void {
    const host = this.#host;
    this.#host = undefined;
    host?.ended({ code, reason, ...this.#refusal, ...(this.#cause === undefined ? undefined : { cause: this.#cause }) });
  }
}

function retryAfterMs(header: string, now: number): number | undefined {
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
