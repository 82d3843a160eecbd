import { explain } from '../shared/explain.ts';
import { systemError } from '../shared/errors.ts';
import type { Schema } from './definitions.ts';

/** The value as the schema made it, or what is wrong with it. */
export type Checked =
  | { readonly value: unknown; readonly problem?: undefined }
  | { readonly value?: undefined; readonly problem: string };

/**
 * Runs a schema of the Standard Schema family; no schema means no payload. Nothing is looked at unless `check`.
 *
 * Only synchronous schemas are possible: a check that waits would let later messages overtake this one.
 */
export function validate(check: boolean, schema: Schema | undefined, value: unknown): Checked {
  if (!check) return { value };
  if (schema === undefined) return { value: undefined };
  try {
    const result = schema['~standard'].validate(value);
    if (result instanceof Promise) {
      // The outcome is not wanted, but must not surface as unhandled.
      result.catch(() => undefined);
      throw new TypeError(
        explain ? 'it is asynchronous, and only synchronous schemas keep messages in order' : 'async',
      );
    }
    return result.issues ? { problem: describe(result.issues) } : { value: result.value };
  } catch (error) {
    return { problem: `the schema failed: ${error instanceof Error ? error.message : typeof error}` };
  }
}

/**
 * Refuses to send what the other side would refuse to take; for `validate: 'both'`.
 *
 * @throws HawserError `INVALID_INPUT`
 */
export function checkOutbound(check: boolean, name: string, schema: Schema | undefined, value: unknown): void {
  const { problem } = validate(check, schema, value);
  if (problem === undefined) return;
  const text = explain && `"${name}" was not sent, it does not match the contract: ${problem}`;
  throw systemError('INVALID_INPUT', text, { data: { problem } });
}

type Issues = readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[];

/** The first issues, without the values that caused them. */
function describe(issues: Issues): string {
  const shown = issues
    .slice(0, 3)
    .map(({ path = [], message }) => [...path.map((at) => (at as { key?: unknown }).key ?? at), message].join(': '));
  return shown.join('; ').slice(0, 500);
}
