import { HawserError } from '../shared/errors.ts';

/** What a handler is given besides the input; the signal costs nothing until somebody looks at it. */
export class CallContext {
  #controller: AbortController | undefined;
  #reason: unknown;
  #aborted = false;

  /** Fires when the caller gives up, the deadline passes or the session ends. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Ends the call with a domain error; usable detached from the context. */
  get fail(): (code: string, data?: unknown) => never {
    return fail;
  }

  abort(reason: unknown): void {
    this.#aborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}

function fail(code: string, data?: unknown): never {
  throw new HawserError('domain', code, `The call failed with ${code}.`, { data, executed: 'yes' });
}
