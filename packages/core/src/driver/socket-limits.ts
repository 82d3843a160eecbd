import type { SocketClass } from './socket.ts';

/** Smallest bound of a message: the handshake must fit whatever the limits are, bytes. */
const handshake = 16_384;

/**
 * Options of the socket class with the limits that `ws` leaves open: no compression, no message over what this end
 * accepts, no endless fragments. What the application gave wins; other classes get that alone.
 *
 * @param frame - largest packet this end accepts, bytes
 */
export function withSocketLimits(Socket: SocketClass, given: object | undefined, frame: number): object | undefined {
  // Only `ws` is an emitter, and only it takes a third argument.
  const isEmitter = typeof (Socket.prototype as { on?: unknown } | undefined)?.on === 'function';
  if (!isEmitter) return given;
  return { perMessageDeflate: false, maxPayload: Math.max(handshake, frame), maxFragments: 1_024, ...given };
}
