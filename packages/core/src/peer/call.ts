import { explain } from '../shared/explain.ts';
import { HawserError, systemError, type SystemCode } from '../shared/errors.ts';
import type { CallOutcome } from '../messaging/outgoing-calls.ts';
import { Kind, type ErrorFrame } from '../wire/frame.ts';
import type { CallDef, Schema } from './contract.ts';
import { validate } from './validate.ts';

/** What a call ended with, after the contract had its say. */
export type Outcome =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly error: HawserError };

/** What another end may refuse a call with, besides the contract's own codes. The first three come before any handler. */
const refusals =
  'UNIMPLEMENTED INVALID_INPUT RATE_LIMITED TIMEOUT CANCELLED UNAVAILABLE UNAUTHENTICATED FORBIDDEN NOT_FOUND CONFLICT ' +
  'TOO_LARGE INVALID_OUTPUT INTERNAL';
const known: readonly string[] = refusals.split(' ');

/** Reads what the wire or the endpoint said about a call; payloads are checked unless `check` is false. */
export function readOutcome(name: string, def: CallDef, check: boolean, outcome: CallOutcome): Outcome {
  if (outcome instanceof HawserError) return { ok: false, error: outcome };
  const read = (schema: Schema | undefined, value: unknown, make: (value: unknown) => Outcome): Outcome => {
    const checked = check ? validate(schema, value) : ({ ok: true, value } as const);
    if (checked.ok) return make(checked.value);
    const text = explain && `The answer to "${name}" does not match the contract: ${checked.problem}`;
    return { ok: false, error: systemError('INVALID_OUTPUT', text, { executed: 'yes' }) };
  };
  if (outcome[0] === Kind.result) return read(def.output, outcome[2], (data) => ({ ok: true, data }));
  const [, , code, message, sent, wait] = outcome;
  const retryAfter = wait == null ? {} : { retryAfter: wait };
  if (!Object.hasOwn(def.errors, code)) return { ok: false, error: systemRefusal(name, outcome, retryAfter) };
  return read(def.errors[code] ?? undefined, sent, (data) => ({
    ok: false,
    error: new HawserError('domain', code, message, { data, executed: 'yes', ...retryAfter }),
  }));
}

function systemRefusal(name: string, frame: ErrorFrame, retryAfter: { readonly retryAfter?: number }): HawserError {
  const [, , code, message, data] = frame;
  const place = known.indexOf(code);
  if (place < 0) {
    const text =
      explain &&
      `"${name}" failed with "${code}", which the contract does not declare: both ends may have different contracts.`;
    return systemError('CONTRACT_MISMATCH', text, { executed: 'maybe' });
  }
  return systemError(code as SystemCode, message, { data, executed: place < 3 ? 'no' : 'maybe', ...retryAfter });
}
