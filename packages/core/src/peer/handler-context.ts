import { explain } from '../shared/explain.ts';
import { HawserError } from '../shared/errors.ts';

/** What a handler is given besides the input; the signal costs nothing until somebody looks at it. */
export class CallContext {
  #controller: AbortController | undefined;
  #reason: Error | undefined;

  /** Fires when the caller gives up, the deadline passes or the session ends. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  /** Ends the call with a domain error; usable detached from the context. */
  readonly fail: (code: string, data?: unknown) => never = fail;

  abort(reason: Error): void {
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}

function fail(code: string, data?: unknown): never {
  throw new HawserError('domain', code, explain && `The call failed with ${code}.`, { data, executed: 'yes' });
}
