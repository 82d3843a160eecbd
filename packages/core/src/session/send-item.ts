import type { Encoded } from '../wire/codec.ts';

/**
 * What an encoded frame is to the application: data, a question, or part of answering one.
 *
 * Only messages may be dropped by the overflow policy; only messages and calls are reported when a session is lost.
 */
export type SendItemKind = 'message' | 'call' | 'reply';

/** One frame on its way out, encoded once. */
export interface SendItem {
  readonly kind: SendItemKind;
  /** Name of the message or call; empty for replies. */
  readonly name: string;
  /** Size of the encoded frame in bytes. */
  readonly bytes: number;
  readonly encoded: Encoded;
  /** 0 until first transmitted. */
  seq: number;
}
