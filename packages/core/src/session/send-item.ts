import type { Encoded } from '../wire/codec.ts';

/**
 * What an encoded frame is to the application: data, a question, or part of answering one.
 *
 * Only messages may be dropped by the overflow policy; only messages and requests are reported when a session is lost.
 */
export type SendItemKind = 'message' | 'request' | 'reply';

/** One sequenced frame on its way out, encoded once. */
export interface SendItem {
  readonly kind: SendItemKind;
  /** Name of the message or call; empty for replies. */
  readonly name: string;
  /** Size of the encoded frame in bytes. */
  readonly bytes: number;
  /** `undefined` once withdrawn, so that a queue of withdrawn items holds no payloads. */
  encoded: Encoded | undefined;
  /** 0 until first transmitted. */
  seq: number;
}
