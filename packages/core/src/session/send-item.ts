import type { Encoded } from '../wire/codec.ts';

/**
 * What an encoded frame is to the application: data, a question, or part of answering one.
 *
 * Only messages may be dropped by the overflow policy; only messages and calls are reported when a session is lost.
 */
export type SendItemKind = 'message' | 'call' | 'reply';

/** One frame on its way out, encoded once; or one chunk of a larger one. */
export interface SendItem {
  readonly kind: SendItemKind;
  /** Name of the message or call; empty for replies. */
  readonly name: string;
  /** What keeps its order with others of the same key: name of the message, id of everything else. */
  readonly key: string | number;
  /** Grows from item to item, in the order in which they were queued. */
  readonly order: number;
  /** Size of the encoded frame; 0 for a chunk, whose bytes have bounds of their own. */
  readonly bytes: number;
  readonly encoded: Encoded;
  /** Number of the chunk; of a frame in chunks that of the last one. 0 until first transmitted. */
  seq: number;
  /** Of a chunk: what leaves of it; `encoded` is the frame that is complete with it, if one is. */
  readonly piece?: Uint8Array;
}
