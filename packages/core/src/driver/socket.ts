/** The part of a WebSocket that Hawser uses; browsers', `ws`' and Deno's classes all fit. */
export interface SocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  /** The sub-protocol the server chose; empty when it chose none. */
  readonly protocol: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  /** Called when all that was waiting has been written; only sockets that can tell have it. */
  ondrain?: (() => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  /** Browsers accept only 1000 and 3000-4999. */
  close(code?: number, reason?: string): void;
  /** Drops the connection without a handshake, where the platform can (`ws` can, browsers cannot). */
  terminate?(): void;
}

/** Makes a socket; `options` reach `ws` in Node (headers, ca, cert, agent) and are ignored elsewhere. */
export type SocketClass = new (url: string, protocols: string[], options?: object) => SocketLike;
