import { explain } from '../../shared/explain.ts';
import { systemError } from '../../shared/errors.ts';
import type { UploadSource } from './upload-surface.ts';

/** A source as it is read. */
export interface SourceReader {
  /** All bytes, where the source knows. */
  readonly total: number | undefined;
  /** The next piece of any size; `undefined` at the end. @throws what the source throws, or HawserError `INVALID_INPUT` */
  next(): Promise<Uint8Array | undefined>;
  /** Nothing more will be read. */
  stop(): void;
}

/** Reads every kind of source the same way. @throws HawserError `INVALID_INPUT` when it is none */
export function readSource(source: UploadSource): SourceReader {
  const total = lengthOf(source);
  const pieces = iteratorOf(source);
  return {
    total,
    async next() {
      const { done, value } = await pieces.next();
      if (done) return undefined;
      if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      throw noBytes();
    },
    stop() {
      // A source that fails to stop is of no interest to anybody any more.
      Promise.resolve(pieces.return?.()).catch(() => undefined);
    },
  };
}

interface Pieces {
  next(): unknown;
  return?(): unknown;
}

type Step = { done?: boolean; value?: ArrayBufferView };

function iteratorOf(source: UploadSource): { next(): Promise<Step> | Step; return?(): unknown } {
  return openSource(source) as { next(): Promise<Step> };
}

function openSource(source: UploadSource): Pieces {
  if (typeof source !== 'object' || source === null) throw noBytes();
  if (ArrayBuffer.isView(source)) return [source].values();
  if (source instanceof ArrayBuffer) return [new Uint8Array(source)].values();
  if ('stream' in source) return openSource(source.stream());
  if ('getReader' in source) {
    const reader = source.getReader();
    return { next: () => reader.read(), return: () => reader.cancel() };
  }
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
  if (Symbol.iterator in source) return source[Symbol.iterator]();
  throw noBytes();
}

function lengthOf(source: UploadSource): number | undefined {
  const { size, byteLength } = source as { size?: unknown; byteLength?: unknown };
  const total = byteLength ?? size;
  return typeof total === 'number' ? total : undefined;
}

function noBytes(): Error {
  const text =
    explain &&
    'An upload takes a Blob, a ReadableStream, an ArrayBuffer, a Uint8Array, or something to iterate that gives Uint8Arrays.';
  return systemError('INVALID_INPUT', text);
}
