import type { Encoded } from '../wire/codec.ts';
import type { Clock } from './clock.ts';
import { watchRefusal, type Refusal } from './refusal.ts';
import type { SocketLike } from './socket.ts';

/** How a socket ended. */
export interface LinkEnd extends Refusal {
  /** Close code; 1006 when there was none. */
  readonly code: number;
  readonly reason: string;
  /** What the platform reported underneath. */
  readonly cause: unknown;
}

/** Who listens to a link. */
export interface LinkHost {
  /** @param protocol - the sub-protocol the server chose */
  opened(protocol: string): void;
  received(data: Encoded): void;
  ended(end: LinkEnd): void;
}

/**
 * One socket for one generation: its host hears of it until it ended or was dropped, never afterwards.
 *
 * A dropped link is detached first and closed second, so that nothing late can reach a newer connection.
 */
export interface Link {
  /** Bytes handed over and not yet written to the network. */
  readonly bufferedAmount: number;
  /** Resolves when the socket is gone, whoever ended it. */
  readonly gone: Promise<void>;
  send(data: Encoded): void;
  /** Stops listening, then closes. */
  drop(code: number, reason: string): void;
}

/** How long the peer may take to answer a close before the connection is dropped, milliseconds. */
const closeTime = 2_000;

/** Takes over a socket, open or opening. */
export function makeLink(socket: SocketLike, clock: Clock, host: LinkHost): Link {
  let live = true;
  let opened = socket.readyState === 1;
  let cause: unknown;
  let timer: unknown;
  let isGone: () => void;
  const gone = new Promise<void>((resolve) => (isGone = resolve));
  const refusal = watchRefusal(socket, clock);

  function end(code: number, reason: string): void {
    clock.clearTimer(timer);
    isGone();
    if (!live) return;
    live = false;
    host.ended({ code, reason, cause, ...refusal });
  }

  socket.binaryType = 'arraybuffer';
  socket.onopen = () => {
    opened = true;
    if (live) host.opened(socket.protocol);
  };
  socket.onmessage = ({ data }: { data: string | ArrayBuffer | Uint8Array }) => {
    // Bytes come as ArrayBuffer in browsers and as views in some Node classes.
    if (live) host.received(data instanceof ArrayBuffer ? new Uint8Array(data) : data);
  };
  socket.onerror = ({ error, message }: { error?: unknown; message?: unknown }) => {
    cause ??= error ?? message;
    // Some platforms report a refused upgrade by an error alone, without a close.
    if (!opened) clock.defer(() => end(1006, ''));
  };
  socket.onclose = ({ code, reason }: { code: number; reason: string }) => end(code, reason);

  return {
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    gone,
    send(data) {
      if (live && socket.readyState === 1) socket.send(data as string | Uint8Array<ArrayBuffer>);
    },
    drop(code, reason) {
      live = false;
      const terminate = (): void => {
        socket.terminate?.();
        end(code, reason);
      };
      // A peer that is silent (4542) answers no close either.
      if (socket.readyState === 3 || (code === 4542 && socket.terminate)) terminate();
      else {
        timer = clock.setTimer(terminate, closeTime);
        try {
          socket.close(code, reason.slice(0, 40));
        } catch {
          // A code this platform may not send (below 3000 in browsers): the close matters more.
          socket.close();
        }
      }
    },
  };
}
