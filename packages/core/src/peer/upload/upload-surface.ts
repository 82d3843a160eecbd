import type { CallIn, CallOut } from '../contract-types.ts';

/** What can be uploaded: bytes at hand, or bytes that come with time. */
export type UploadSource =
  | Blob
  | Uint8Array
  | ArrayBuffer
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | Iterable<Uint8Array>;

/** How far an upload is. */
export interface UploadProgress {
  /** Bytes the other side has acknowledged. */
  readonly acked: number;
  /** All bytes, where the source knows. */
  readonly total: number | undefined;
}

/** How one upload is made. */
export interface UploadOptions {
  /** Bytes per chunk, 1 KiB to 64 KiB. @defaultValue 16_384 */
  readonly chunkSize?: number;
  /** Told when more was acknowledged; what it throws is reported through `onProblem`. */
  readonly onProgress?: (progress: UploadProgress) => void;
  /** Cancels the upload here and on the other side; it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds until it fails with `TIMEOUT`. @defaultValue no limit */
  readonly timeout?: number;
}

/** Arguments of `upload` after the name. */
export type UploadArgs<D> = [input: CallIn<D>, source: UploadSource, options?: UploadOptions];

/** What an upload resolves to. */
export type UploadResult<D> = Promise<CallOut<D>>;

/** What the handler of an upload is given besides the usual. */
export interface UploadContext {
  /** The bytes in order; reading them lets more come, leaving the loop early refuses the rest. */
  readonly chunks: AsyncIterable<Uint8Array>;
}
