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
  readonly cause?: unknown;
}

/** Who listens to a link. */
export interface LinkHost {
  opened(): void;
  received(data: Encoded): void;
  ended(end: LinkEnd): void;
}

/**
 * One socket for one generation: its host hears of it until it ended or was dropped, never afterwards.
 *
 * A dropped link is detached first and closed second, so that nothing late can reach a newer connection.
 */
export interface Link {
  /** The sub-protocol the server chose. */
  readonly protocol: string;
  /** Whether the host still hears of it. */
  readonly live: boolean;
  /** Bytes handed over and not yet written to the network. */
  readonly bufferedAmount: number;
  send(data: Encoded): void;
  /** Stops listening, then closes; `done` is called when the socket is gone. */
  drop(code: number, reason: string, done?: () => void): void;
}

/** How long the peer may take to answer a close before the connection is dropped, milliseconds. */
const closeTime = 2_000;

/** Takes over a socket, open or opening. */
export function makeLink(socket: SocketLike, clock: Clock, host: LinkHost): Link {
  let live = true;
  let opened = socket.readyState === 1;
  let cause: unknown;
  const refusal = opened ? {} : watchRefusal(socket, clock);

  function end(code: number, reason: string): void {
    if (!live) return;
    live = false;
    host.ended({ code, reason, ...refusal, ...(cause !== undefined && { cause }) });
  }

  socket.binaryType = 'arraybuffer';
  socket.onopen = () => {
    opened = true;
    if (live) host.opened();
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
    get protocol() {
      return socket.protocol ?? '';
    },
    get live() {
      return live;
    },
    get bufferedAmount() {
      return socket.bufferedAmount ?? 0;
    },
    send(data) {
      if (live && socket.readyState === 1) socket.send(data as string | Uint8Array<ArrayBuffer>);
    },
    drop(code, reason, done = () => undefined) {
      live = false;
      if (socket.readyState === 3) {
        done();
        return;
      }
      const gone = (): void => {
        clock.clearTimer(timer);
        socket.onclose = null;
        done();
      };
      const timer = clock.setTimer(() => {
        socket.terminate?.();
        gone();
      }, closeTime);
      socket.onclose = gone;
      // A peer that is silent (4542) answers no close either.
      if (code === 4542 && socket.terminate) socket.terminate();
      else {
        try {
          socket.close(code, reason.slice(0, 40));
        } catch {
          // A code this platform may not send, or a reason over its limit: the close matters more.
          socket.close();
        }
      }
    },
  };
}
