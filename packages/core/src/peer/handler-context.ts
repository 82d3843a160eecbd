import { explain } from '../shared/explain.ts';
import { HawserError, systemError } from '../shared/errors.ts';
import type { Running } from '../messaging/exchange.ts';

/** What a handler is given besides the input; the signal costs nothing until somebody looks at it. */
export class CallContext implements Running {
  #controller: AbortController | undefined;
  #reason: Error | undefined;
  declare resume?: () => void;

  /** Fires when the caller gives up or the deadline passes, and mostly when the session ends. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  /** Ends the call with a domain error; usable detached from the context. */
  readonly fail: (code: string, data?: unknown) => never = fail;

  abort(): void {
    this.#reason = systemError('CANCELLED', explain && 'The caller gave up or the session ended.');
    this.#controller?.abort(this.#reason);
  }
}

function fail(code: string, data?: unknown): never {
  throw new HawserError('domain', code, explain && `The call failed with ${code}.`, { data, executed: 'yes' });
}
