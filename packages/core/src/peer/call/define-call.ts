import type {
  CallDef,
  ErrorSchemas,
  ErrorTypesOf,
  NoSystemCodes,
  Schema,
  SchemaIn,
  SchemaOut,
} from '../definitions.ts';
import { callInteraction } from './call-interaction.ts';

/**
 * Declares a request with one answer.
 *
 * @param options - `input` and `output` shapes (absent: none), `errors` the caller can expect, and whether the call is
 * `idempotent`. Error names may not reuse a {@link SystemCode}.
 */
export function call<
  I extends Schema | undefined = undefined,
  O extends Schema | undefined = undefined,
  const E extends ErrorSchemas = Record<never, never>,
>(options: {
  readonly input?: I;
  readonly output?: O;
  readonly errors?: E & NoSystemCodes<E>;
  readonly idempotent?: boolean;
}): CallDef<SchemaIn<I>, SchemaOut<I>, SchemaIn<O>, SchemaOut<O>, ErrorTypesOf<E>> {
  return {
    kind: 'call',
    input: options.input,
    output: options.output,
    errors: options.errors ?? {},
    idempotent: options.idempotent ?? false,
    '~run': callInteraction,
  } as never;
}
