import { explain } from '../../shared/explain.ts';
import { HawserError, systemError } from '../../shared/errors.ts';
import type { CallOutcome } from '../../messaging/exchange.ts';
import { Kind } from '../../wire/frame.ts';
import type { CallDef, Schema } from '../definitions.ts';
import { refusals } from '../refusals.ts';
import { validate } from '../validate.ts';

/** What `safeCall` resolves to. */
export type Outcome =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly error: HawserError };

/**
 * Reads what the wire or the endpoint said about a call or an upload; payloads are checked unless `check` is false.
 *
 * @param again - whether it was asked before, in a session that was lost: then no refusal says that it did not run
 * @throws HawserError when it failed
 */
export function readOutcome(
  name: string,
  def: Pick<CallDef, 'errors'> & Partial<Pick<CallDef, 'output'>>,
  check: boolean,
  outcome: CallOutcome,
  again?: boolean,
): unknown {
  if (outcome instanceof HawserError) throw outcome;
  if (outcome[0] === Kind.result) return readAs(name, check, def.output, outcome[2]);
  const [, , code, message, sent, wait] = outcome;
  const retryAfter = wait ?? undefined;
  if (Object.hasOwn(def.errors, code)) {
    const data = readAs(name, check, def.errors[code] ?? undefined, sent);
    throw new HawserError('domain', code, message, { data, executed: 'yes', retryAfter });
  }
  const place = refusals.indexOf(code);
  const text =
    explain &&
    `"${name}" failed with "${code}", which the contract does not declare: both ends may have different contracts.`;
  if (place < 0) throw systemError('CONTRACT_MISMATCH', text, { executed: 'maybe' });
  throw new HawserError('system', code, message, {
    data: sent,
    executed: place < 3 && !again ? 'no' : 'maybe',
    retryAfter,
  });
}

/** Part of an answer, as its schema makes it. @throws HawserError `INVALID_OUTPUT` */
export function readAs(name: string, check: boolean, schema: Schema | undefined, sent: unknown): unknown {
  const { value, problem } = validate(check, schema, sent);
  if (problem === undefined) return value;
  const text = explain && `The answer to "${name}" does not match the contract: ${problem}`;
  throw systemError('INVALID_OUTPUT', text, { executed: 'yes' });
}
