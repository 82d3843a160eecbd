import { explain } from '../shared/explain.ts';
import { HawserError, systemError, type SystemCode, type SystemError } from '../shared/errors.ts';
import { Kind, type ErrorFrame, type RequestFrame, type ResultFrame } from '../wire/frame.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { CallDef } from './contract.ts';
import type { CallContext } from './handler-context.ts';
import { validate } from './validate.ts';

/** Untyped handler of one call. */
export type CallHandler = (input: unknown, context: CallContext) => unknown;

/** System codes a handler may raise on purpose; any other stays inside, told as `INTERNAL`. */
const mayLeave: ReadonlySet<string> = new Set<SystemCode>([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'RATE_LIMITED',
  'UNAVAILABLE',
]);

/** What running handlers needs from the peer. */
export interface HandlerHost {
  /** Answers through the endpoint the request came from: another session uses the same ids again. */
  answer(frame: ResultFrame | ErrorFrame, endpoint: Endpoint): void;
  problem(name: string, error: SystemError): void;
  /** Names a failure in both ends' logs. */
  correlationId(): string;
  /** Check what arrives. */
  readonly checksIn: boolean;
  /** Check what leaves. */
  readonly checksOut: boolean;
}

/** Runs the handlers for the other side's requests. */
export class HandlerRuns {
  readonly #host: HandlerHost;
  readonly #running = new Map<number, CallContext>();

  constructor(host: HandlerHost) {
    this.#host = host;
  }

  /** Handlers that have not returned yet, also those nobody waits for any more. */
  get size(): number {
    return this.#running.size;
  }

  run(
    [, id, name, params]: RequestFrame,
    def: CallDef,
    handler: CallHandler,
    context: CallContext,
    endpoint: Endpoint,
  ): void {
    const { checksIn, checksOut } = this.#host;
    const answer = (frame: ResultFrame | ErrorFrame): void => {
      // After a lost session the id may belong to a newer request by now.
      if (this.#running.get(id) === context) this.#running.delete(id);
      this.#host.answer(frame, endpoint);
    };
    const input = checksIn ? validate(def.input, params) : ({ ok: true, value: params } as const);
    if (!input.ok) {
      answer([Kind.error, id, 'INVALID_INPUT', `"${name}" was not run: ${input.problem}`]);
      return;
    }
    const done = (value: unknown): void => {
      const output = checksOut ? validate(def.output, value) : undefined;
      if (output?.ok === false) {
        const text = explain && `The handler of "${name}" returned something else: ${output.problem}`;
        this.#host.problem(name, systemError('INVALID_OUTPUT', text));
        answer([Kind.error, id, 'INVALID_OUTPUT', 'The handler returned something else than the contract says.']);
      } else answer([Kind.result, id, def.output && value]);
    };
    const failed = (error: unknown): void => answer(this.#refusal(id, name, def, error));
    this.#running.set(id, context);
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

  /** The asker no longer wants the answer. */
  abandon(id: number): void {
    this.#running.get(id)?.abort(systemError('CANCELLED', explain && 'The caller gave up or the session ended.'));
  }

  #refusal(id: number, name: string, def: CallDef, error: unknown): ErrorFrame {
    if (error instanceof HawserError) {
      const { code, message, origin, data, retryAfter = null } = error;
      const declared = origin === 'domain' && Object.hasOwn(def.errors, code);
      if (declared || (origin === 'system' && mayLeave.has(code))) {
        return [Kind.error, id, code, message, declared ? data : undefined, retryAfter];
      }
    }
    // What went wrong inside stays inside; the correlation id joins both logs (H30, S18).
    const correlationId = this.#host.correlationId();
    const text = explain && `The handler of "${name}" threw; the caller was told correlation id ${correlationId}.`;
    this.#host.problem(name, systemError('INTERNAL', text, { cause: error, data: { correlationId } }));
    return [
      Kind.error,
      id,
      'INTERNAL',
      `"${name}" failed; look for ${correlationId} in the other end's log.`,
      { correlationId },
    ];
  }
}
