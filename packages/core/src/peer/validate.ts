import { explain } from '../shared/explain.ts';
import { systemError } from '../shared/errors.ts';
import type { Schema } from './contract.ts';

/** The value as the schema made it, or what is wrong with it. */
export type Checked = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

/**
 * Runs a schema of the Standard Schema family; no schema means no payload.
 *
 * Only synchronous schemas are possible: a check that waits would let later messages overtake this one.
 */
export function validate(schema: Schema | undefined, value: unknown): Checked {
  if (schema === undefined) return { ok: true, value: undefined };
  try {
    const result = schema['~standard'].validate(value);
    if (result instanceof Promise) {
      // The outcome is not wanted, but must not surface as unhandled.
      result.catch(() => undefined);
      throw new TypeError('it is asynchronous, and only synchronous schemas keep messages in order');
    }
    return result.issues ? { ok: false, problem: describe(result.issues) } : { ok: true, value: result.value };
  } catch (error) {
    return { ok: false, problem: `the schema failed: ${error instanceof Error ? error.message : typeof error}` };
  }
}

/**
 * Refuses to send what the other side would refuse to take; for `validate: 'both'`.
 *
 * @throws HawserError `INVALID_INPUT`
 */
export function checkOutbound(name: string, schema: Schema | undefined, value: unknown): void {
  const checked = validate(schema, value);
  if (checked.ok) return;
  const text = explain && `"${name}" was not sent, it does not match the contract: ${checked.problem}`;
  throw systemError('INVALID_INPUT', text, { data: { problem: checked.problem } });
}

type Issues = readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[];

/** The first issues, without the values that caused them. */
function describe(issues: Issues): string {
  const shown = issues
    .slice(0, 3)
    .map(({ path, message }) =>
      [...(path ?? []).map((at) => String((at as { key?: unknown }).key ?? at)), message].join(': '),
    );
  return shown.join('; ').slice(0, 500);
}
