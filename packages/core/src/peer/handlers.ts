import { explain } from '../shared/explain.ts';
import { HawserError } from '../shared/errors.ts';
import { Kind, type ErrorFrame, type RequestFrame, type ResultFrame } from '../wire/frame.ts';
import type { CallDef } from './contract.ts';
import type { CallContext } from './handler-context.ts';
import type { Problem } from './peer-surface.ts';
import { problem } from './problem.ts';
import { deliberate } from './refusals.ts';
import { validate } from './validate.ts';

/** Untyped handler of one call. */
export type CallHandler = (input: unknown, context: CallContext) => unknown;

/** Which payloads are checked against the contract: none, those that arrive, or those that leave as well. */
export type Validation = 'off' | 'inbound' | 'both';

/** What running a handler needs from the peer. */
export interface HandlerHost {
  readonly validation: Validation;
  readonly onProblem: (problem: Problem) => void;
  /** Names a failure in both ends' logs. */
  readonly randomId: () => string;
}

/** Runs the handler of one request; `answer` is called once, at once when the handler is synchronous. */
export function runHandler(
  { validation, onProblem, randomId }: HandlerHost,
  [, id, name, params]: RequestFrame,
  def: CallDef,
  handler: CallHandler,
  context: CallContext,
  answer: (frame: ResultFrame | ErrorFrame) => void,
): void {
  function done(value: unknown): void {
    const wrong = validate(validation === 'both', def.output, value).problem;
    if (wrong === undefined) return answer([Kind.result, id, def.output && value]);
    const text = explain && `The handler of "${name}" returned something else than the contract says: ${wrong}`;
    onProblem(problem('handler-error', name, 'INVALID_OUTPUT', text));
    const told = explain ? 'The handler returned something else than the contract says.' : '';
    answer([Kind.error, id, 'INVALID_OUTPUT', told]);
  }

  function failed(error: unknown): void {
    if (error instanceof HawserError) {
      const { code, message, origin, data, retryAfter = null } = error;
      const declared = origin === 'domain' && Object.hasOwn(def.errors, code);
      if (declared || (origin === 'system' && deliberate.includes(code))) {
        return answer([Kind.error, id, code, message, declared ? data : undefined, retryAfter]);
      }
    }
    // What went wrong inside stays inside; the correlation id joins both logs (H30, S18).
    const data = { correlationId: randomId() };
    const text = explain && `The handler of "${name}" threw; the caller was told correlation id ${data.correlationId}.`;
    onProblem(problem('handler-error', name, 'INTERNAL', text, { cause: error, data }));
    const told = explain ? `"${name}" failed; look for ${data.correlationId} in the other end's log.` : '';
    answer([Kind.error, id, 'INTERNAL', told, data]);
  }

  const input = validate(validation !== 'off', def.input, params);
  if (input.problem !== undefined) {
    const text = explain ? `"${name}" was not run: ${input.problem}` : input.problem;
    return answer([Kind.error, id, 'INVALID_INPUT', text]);
  }
  try {
    const output = handler(input.value, context);
    // Any thenable counts, as with `await`; a plain value skips the extra turns.
    if (typeof (output as PromiseLike<unknown> | null | undefined)?.then === 'function') {
      Promise.resolve(output).then(done, failed);
    } else done(output);
  } catch (error) {
    failed(error);
  }
}
