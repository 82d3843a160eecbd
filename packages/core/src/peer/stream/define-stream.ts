import type {
  ErrorSchemas,
  ErrorTypesOf,
  NoSystemCodes,
  Schema,
  SchemaIn,
  SchemaOut,
  StreamDef,
} from '../definitions.ts';
import { streamInteraction } from './stream-interaction.ts';

/**
 * Declares a request with any number of answers, which come as fast as the asker reads them.
 *
 * @param options - `input` and `item` shapes (absent: none), and the `errors` the reader can expect. Error names may not
 * reuse a {@link SystemCode}.
 */
export function stream<
  I extends Schema | undefined = undefined,
  T extends Schema | undefined = undefined,
  const E extends ErrorSchemas = Record<never, never>,
>(options: {
  readonly input?: I;
  readonly item?: T;
  readonly errors?: E & NoSystemCodes<E>;
}): StreamDef<SchemaIn<I>, SchemaOut<I>, SchemaIn<T>, SchemaOut<T>, ErrorTypesOf<E>> {
  return {
    kind: 'stream',
    input: options.input,
    item: options.item,
    errors: options.errors ?? {},
    '~run': streamInteraction,
  } as never;
}
