import type { Frame } from './frame.ts';

/** An encoded frame or packet: text for JSON, bytes for MessagePack. */
export type Encoded = string | Uint8Array;

/**
 * Turns frames into text or bytes and back, `protocol/README.md` section 1.
 *
 * A codec never joins what it has not encoded itself: frames of one codec must not reach another.
 */
export interface Codec {
  /** The WebSocket sub-protocol this codec speaks, such as `hawser.1.json`. */
  readonly subprotocol: string;
  /** Encodes one frame; done once per message, whatever happens to it later.
   * @throws HawserError `INVALID_INPUT` when the value cannot be written (a cycle, a BigInt in JSON, a forbidden key). */
  encodeFrame(frame: Frame): Encoded;
  /** Size of an encoded frame in bytes on the wire. */
  byteLength(encoded: Encoded): number;
  /** Glues the header in front of encoded frames. */
  encodePacket(seq: number, ack: number, frames: readonly Encoded[]): Encoded;
  /** Reads one WebSocket message into untrusted plain data, bounded in depth and free of prototype keys.
   * @throws WireError 4400 when it is not valid. */
  decode(data: Encoded): unknown;
}
