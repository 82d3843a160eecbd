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
  let result: ReturnType<Schema['~standard']['validate']>;
  try {
    result = schema['~standard'].validate(value);
  } catch (error) {
    return { ok: false, problem: `the schema threw: ${error instanceof Error ? error.message : 'not an error'}` };
  }
  if (result instanceof Promise) {
    // The outcome is not wanted, but must not surface as unhandled.
    result.catch(() => undefined);
    return { ok: false, problem: 'the schema is asynchronous; only synchronous schemas keep messages in order' };
  }
  if (result.issues === undefined) return { ok: true, value: result.value };
  return { ok: false, problem: describe(result.issues) };
}

/**
 * Refuses to send what the other side would refuse to take; for `validate: 'both'`.
 *
 * @throws HawserError `INVALID_INPUT`
 */
export function checkOutbound(name: string, schema: Schema | undefined, value: unknown): void {
  const checked = validate(schema, value);
  if (checked.ok) return;
  throw systemError('INVALID_INPUT', `"${name}" was not sent, it does not match the contract: ${checked.problem}`);
}

type Issues = readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[];

function describe(issues: Issues): string {
  const shown = issues.slice(0, 3).map((issue) => {
    const path = (issue.path ?? []).map(segmentName).join('.');
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  if (issues.length > shown.length) shown.push(`and ${issues.length - shown.length} more`);
  return shown.join('; ').slice(0, 500);
}

function segmentName(segment: unknown): string {
  const key = typeof segment === 'object' && segment !== null && 'key' in segment ? segment.key : segment;
  return String(key);
}
