import { explain } from '../shared/explain.ts';
import { HawserError } from '../shared/errors.ts';
import type { IncomingExchange } from '../messaging/exchange.ts';
import { Kind, type EndFrame, type ErrorFrame, type ResultFrame } from '../wire/frame.ts';
import type { Asked, ErrorTypes, Schema } from './definitions.ts';
import { exchangesOf } from './exchanges-of.ts';
import type { CallContext } from './handler-context.ts';
import type { AnyHandler, PeerHost } from './peer-host.ts';
import { problem } from './problem.ts';
import { isPromise } from './promised.ts';
import { randomId } from './random-id.ts';
import { deliberate } from './refusals.ts';
import { validate } from './validate.ts';

/** The answer to one exchange in the making; exactly one of its functions is called, once. */
export interface Answer {
  /** The handler is finished. */
  send(this: void, frame: ResultFrame | ErrorFrame | EndFrame): void;
  /** The handler threw. */
  fail(this: void, error: unknown): void;
  /** The handler gave something else than the contract says. */
  invalid(this: void, problem: string): void;
}

/** Runs the handler of one exchange; `done` gets what it returned, at once when it is synchronous. */
export function runHandler(
  host: PeerHost,
  exchange: IncomingExchange,
  def: Asked<unknown, unknown, ErrorTypes>,
  handler: AnyHandler,
  context: CallContext,
  done: (output: unknown, answer: Answer) => void,
): void {
  const [, id, name, params] = exchange.request;
  exchange.running = context;

  const answer: Answer = {
    send(frame) {
      exchangesOf(host).respond(exchange, frame);
      host.wake();
    },
    fail(error) {
      // How a handler stops that was told to: no fault of its own.
      const { reason } = context.signal;
      if (reason !== undefined && error === reason) return answer.send([Kind.error, id, 'CANCELLED', '']);
      if (error instanceof HawserError) {
        const { code, message, origin, data, retryAfter = null } = error;
        const declared = origin === 'domain' && Object.hasOwn(def.errors, code);
        if (declared || (origin === 'system' && (deliberate as readonly string[]).includes(code))) {
          return answer.send([Kind.error, id, code, message, declared ? data : undefined, retryAfter]);
        }
      }
      // What went wrong inside stays inside; the correlation id joins both logs (H30, S18).
      const data = { correlationId: randomId() };
      const text =
        explain && `The handler of "${name}" threw; the caller was told correlation id ${data.correlationId}.`;
      host.report(problem('handler-error', name, 'INTERNAL', text, { cause: error, data }));
      const told = explain ? `"${name}" failed; look for ${data.correlationId} in the other end's log.` : '';
      answer.send([Kind.error, id, 'INTERNAL', told, data]);
    },
    invalid(wrong) {
      const text = explain && `The handler of "${name}" gave something else than the contract says: ${wrong}`;
      host.report(problem('handler-error', name, 'INVALID_OUTPUT', text));
      const told = explain ? 'The handler gave something else than the contract says.' : '';
      answer.send([Kind.error, id, 'INVALID_OUTPUT', told]);
    },
  };

  const input = validate(host.validation !== 'off', def.input, params);
  if (input.problem !== undefined) {
    const text = explain ? `"${name}" was not run: ${input.problem}` : input.problem;
    return answer.send([Kind.error, id, 'INVALID_INPUT', text]);
  }
  try {
    done(handler(input.value, context), answer);
  } catch (error) {
    answer.fail(error);
  }
}

/** Answers with what a handler returned, now or later. */
export function answerWith(
  host: PeerHost,
  id: number,
  schema: Schema | undefined,
  output: unknown,
  answer: Answer,
): void {
  const done = (value: unknown): void => {
    const wrong = validate(host.validation === 'both', schema, value).problem;
    if (wrong === undefined) answer.send([Kind.result, id, schema && value]);
    else answer.invalid(wrong);
  };
  // Any thenable counts, as with `await`; a plain value skips the extra turns.
  if (isPromise(output)) Promise.resolve(output).then(done, answer.fail);
  else done(output);
}
