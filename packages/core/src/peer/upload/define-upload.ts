import type {
  ErrorSchemas,
  ErrorTypesOf,
  NoSystemCodes,
  Schema,
  SchemaIn,
  SchemaOut,
  UploadDef,
} from '../definitions.ts';
import { uploadInteraction } from './upload-interaction.ts';

/**
 * Declares bytes of any length that one side sends, with one answer.
 *
 * @param options - `input` the shape of what comes before the bytes (absent: none), `chunk` what each piece is,
 * `bytes()` for any, `output` the shape of the answer, and `errors` the uploader can expect
 */
export function upload<
  I extends Schema | undefined = undefined,
  O extends Schema | undefined = undefined,
  const E extends ErrorSchemas = Record<never, never>,
>(options: {
  readonly input?: I;
  readonly chunk: Schema<Uint8Array>;
  readonly output?: O;
  readonly errors?: E & NoSystemCodes<E>;
}): UploadDef<SchemaIn<I>, SchemaOut<I>, SchemaIn<O>, SchemaOut<O>, ErrorTypesOf<E>> {
  return {
    kind: 'upload',
    input: options.input,
    chunk: options.chunk,
    output: options.output,
    errors: options.errors ?? {},
    '~run': uploadInteraction,
  } as never;
}

/** A schema of any bytes, for the `chunk` of an {@link upload}. */
export function bytes(): Schema<Uint8Array> {
  return {
    '~standard': {
      version: 1,
      vendor: 'hawser',
      validate: (value) =>
        value instanceof Uint8Array ? { value } : { issues: [{ message: 'it takes bytes, a Uint8Array' }] },
    },
  };
}
