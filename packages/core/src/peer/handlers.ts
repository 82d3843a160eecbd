import { HawserError, systemError, type SystemCode, type SystemError } from '../shared/errors.ts';
import { Kind, type ErrorFrame, type RequestFrame } from '../wire/frame.ts';
import type { CallDef } from './contract.ts';
import type { CallContext } from './handler-context.ts';
import { validate, type Checked } from './validate.ts';

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
  respond(id: number, value: unknown): void;
  refuse(frame: ErrorFrame): void;
  problem(name: string, error: SystemError): void;
  /** Names a failure in both ends' logs. */
  correlationId(): string;
  /** Check what arrives. */
  readonly checkInput: boolean;
  /** Check what leaves. */
  readonly checkOutput: boolean;
}

/** Runs the handlers for the other side's requests. */
export class HandlerRuns {
  readonly #host: HandlerHost;
  #running = new Map<number, CallContext>();

  constructor(host: HandlerHost) {
    this.#host = host;
  }

  /** Handlers that have not returned yet, also those nobody waits for any more. */
  get size(): number {
    return this.#running.size;
  }

  run(frame: RequestFrame, def: CallDef, handler: CallHandler, context: CallContext): void {
    const [, id, name] = frame;
    const input: Checked = this.#host.checkInput ? validate(def.input, frame[3]) : { ok: true, value: frame[3] };
    if (!input.ok) {
      this.#host.refuse([Kind.error, id, 'INVALID_INPUT', `"${name}" was not run: ${input.problem}`]);
      return;
    }
    this.#running.set(id, context);
    try {
      const output = handler(input.value, context);
      if (isThenable(output)) {
        Promise.resolve(output).then(
          (value) => this.#done(id, name, def, value),
          (error: unknown) => this.#failed(id, name, def, error),
        );
      } else this.#done(id, name, def, output);
    } catch (error) {
      this.#failed(id, name, def, error);
    }
  }

  /** The asker no longer wants the answer. */
  abandon(id: number): void {
    this.#running.get(id)?.abort(systemError('CANCELLED', 'The caller gave up or the session ended.'));
  }

  #done(id: number, name: string, def: CallDef, value: unknown): void {
    this.#running.delete(id);
    if (this.#host.checkOutput) {
      const output = validate(def.output, value);
      if (!output.ok) {
        const error = systemError('INVALID_OUTPUT', `The handler of "${name}" returned something else: ${output.problem}`);
        this.#host.problem(name, error);
        this.#host.refuse([Kind.error, id, 'INVALID_OUTPUT', 'The handler returned something else than the contract says.']);
        return;
      }
    }
    this.#host.respond(id, def.output === undefined ? undefined : value);
  }

  #failed(id: number, name: string, def: CallDef, error: unknown): void {
    this.#running.delete(id);
    if (error instanceof HawserError) {
      const { code, message } = error;
      const declared = error.origin === 'domain' && Object.hasOwn(def.errors, code);
      if (declared || (error.origin === 'system' && mayLeave.has(code))) {
        const data = declared ? error.data : undefined;
        this.#host.refuse([Kind.error, id, code, message, data, error.retryAfter ?? null]);
        return;
      }
    }
    // What went wrong inside stays inside; the correlation id joins both logs (H30, S18).
    const correlationId = this.#host.correlationId();
    this.#host.problem(
      name,
      systemError('INTERNAL', `The handler of "${name}" threw; the caller was told correlation id ${correlationId}.`, {
        cause: error,
        data: { correlationId },
      }),
    );
    const told = `The handler of "${name}" failed; look for ${correlationId} in its log.`;
    this.#host.refuse([Kind.error, id, 'INTERNAL', told, { correlationId }]);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
