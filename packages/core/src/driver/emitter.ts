import type { SocketLike } from './socket.ts';

/** Where handlers of a socket's events are set. */
export type SocketEars = Pick<SocketLike, 'onopen' | 'onmessage' | 'onerror' | 'onclose'>;

/** Where a socket of `ws` keeps what {@link earsOf} gave. */
const kept = Symbol('hawser');

interface HeardSocket {
  readonly [kept]: { readonly [Name in keyof SocketEars]: (event: object) => void };
  on: Emitter['on'];
}

interface Emitter {
  [kept]?: SocketEars;
  on(event: string, listener: (this: HeardSocket, ...args: never) => void): unknown;
}

/**
 * Where to set handlers so that a socket calls them: the socket itself.
 *
 * A socket of `ws` is heard by its own events instead. Its handlers are a face in front of them that costs two objects
 * more per message, and eight functions more per connection.
 */
export function earsOf(socket: SocketLike): SocketEars {
  // Other classes are emitters as well, of events of another kind; this member only `ws` has.
  if (!('isPaused' in socket && 'on' in socket)) return socket;
  const emitter = socket as unknown as Emitter;
  const ears: SocketEars = { onopen: null, onmessage: null, onerror: null, onclose: null };
  emitter[kept] = ears;
  // No message comes before it is open. The table of listeners doubles with the sixth, and keeps its size.
  if (socket.readyState === 0) emitter.on('open', opened);
  else emitter.on('message', received);
  emitter.on('error', failed);
  emitter.on('close', closed);
  return ears;
}

function opened(this: HeardSocket): void {
  this.on('message', received);
  this[kept].onopen({});
}

function received(this: HeardSocket, data: Buffer | ArrayBuffer, isBinary: boolean): void {
  this[kept].onmessage({ data: isBinary ? data : (data as Buffer).toString() });
}

function failed(this: HeardSocket, error: Error): void {
  this[kept].onerror({ error });
}

function closed(this: HeardSocket, code: number, reason: Buffer): void {
  this[kept].onclose({ code, reason: reason.toString() });
}
