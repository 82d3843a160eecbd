import { HawserError, systemError, type Executed, type SystemCode } from '../shared/errors.ts';
import type { CallOutcome } from '../messaging/outgoing-calls.ts';
import { Kind, type ErrorFrame } from '../wire/frame.ts';
import type { CallDef } from './contract.ts';
import { validate } from './validate.ts';

/** What a call ended with, after the contract had its say. */
export type Outcome =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly error: HawserError };

const known: ReadonlySet<string> = new Set<SystemCode>([
  'TIMEOUT',
  'CANCELLED',
  'UNAVAILABLE',
  'UNKNOWN_OUTCOME',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'TOO_LARGE',
  'RATE_LIMITED',
  'INVALID_INPUT',
  'INVALID_OUTPUT',
  'UNIMPLEMENTED',
  'CONTRACT_MISMATCH',
  'SESSION_LOST',
  'QUEUE_FULL',
  'INTERNAL',
]);

/** Refusals that come before any handler ran. */
const beforeRunning: ReadonlySet<string> = new Set<SystemCode>([
  'UNIMPLEMENTED',
  'INVALID_INPUT',
  'RATE_LIMITED',
  'UNAUTHENTICATED',
  'FORBIDDEN',
]);

/** Reads what the wire or the endpoint said about a call; the answer is checked unless `check` is false. */
export function readOutcome(name: string, def: CallDef, check: boolean, outcome: CallOutcome): Outcome {
  if (outcome instanceof HawserError) return { ok: false, error: outcome };
  if (outcome[0] === Kind.result) return readResult(name, def, check, outcome[2]);
  return { ok: false, error: readError(name, def, check, outcome) };
}

function readResult(name: string, def: CallDef, check: boolean, value: unknown): Outcome {
  if (!check) return { ok: true, data: value };
  const output = validate(def.output, value);
  if (output.ok) return { ok: true, data: output.value };
  const message = `The answer to "${name}" does not match the contract: ${output.problem}`;
  return { ok: false, error: systemError('INVALID_OUTPUT', message, { executed: 'yes' }) };
}

function readError(name: string, def: CallDef, check: boolean, frame: ErrorFrame): HawserError {
  const [, , code, message, data, retryAfter] = frame;
  const wait = typeof retryAfter === 'number' ? { retryAfter } : {};
  if (Object.hasOwn(def.errors, code)) {
    const schema = def.errors[code] ?? undefined;
    const checked = check ? validate(schema, data) : ({ ok: true, value: data } as const);
    if (checked.ok) return new HawserError('domain', code, message, { data: checked.value, executed: 'yes', ...wait });
    const text = `"${name}" failed with ${code}, whose data does not match the contract: ${checked.problem}`;
    return systemError('INVALID_OUTPUT', text, { executed: 'yes' });
  }
  if (!known.has(code)) {
    const text = `"${name}" failed with "${code}", which the contract does not declare. Both ends may have different contracts.`;
    return systemError('CONTRACT_MISMATCH', text, { executed: 'maybe' });
  }
  const executed: Executed = beforeRunning.has(code) ? 'no' : 'maybe';
  return systemError(code as SystemCode, message, { data, executed, ...wait });
}
