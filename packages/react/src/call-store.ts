import { type CallOptions, HawserError } from '@hawser/core';
import type { UntypedClient } from './untyped-client.ts';

/** Options every call of a hook starts from. */
export interface UseCallOptions {
  /** Milliseconds until a call fails with `TIMEOUT`. @defaultValue the client's `callTimeout` */
  readonly timeout?: number;
}

/** What {@link CallStore} shows: one immutable object per status, with the functions that never change. */
export interface CallSnapshot {
  readonly status: 'idle' | 'pending' | 'success' | 'error';
  readonly isPending: boolean;
  readonly input: unknown;
  readonly data: unknown;
  readonly error: unknown;
  readonly call: (input?: unknown, options?: CallOptions) => void;
  readonly callAsync: (input?: unknown, options?: CallOptions) => Promise<unknown>;
  readonly reset: () => void;
  readonly abort: () => void;
}

/** Follows the latest of the calls made through it; earlier ones go on unwatched. */
export class CallStore {
  /** What the first render shows, on a server as well. */
  readonly idle: CallSnapshot;
  #snapshot: CallSnapshot;
  #defaults: UseCallOptions = {};
  #latest: AbortController | undefined;
  #listeners = new Set<() => void>();
  readonly #client: UntypedClient;
  readonly #name: string;

  constructor(client: UntypedClient, name: string) {
    this.#client = client;
    this.#name = name;
    this.idle = Object.freeze({
      status: 'idle',
      isPending: false,
      input: undefined,
      data: undefined,
      error: undefined,
      call: (input?: unknown, options?: CallOptions) => {
        this.#run(input, options).catch(() => {});
      },
      callAsync: (input?: unknown, options?: CallOptions) => this.#run(input, options),
      reset: () => {
        this.#latest = undefined;
        this.#set(this.idle);
      },
      abort: () => {
        const running = this.#latest;
        if (!running) return;
        this.#latest = undefined;
        this.#set(this.idle);
        running.abort();
      },
    });
    this.#snapshot = this.idle;
  }

  /** Sets what later calls start from. */
  configure(defaults: UseCallOptions): void {
    this.#defaults = defaults;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): CallSnapshot => this.#snapshot;

  async #run(input: unknown, options?: CallOptions): Promise<unknown> {
    const controller = new AbortController();
    const outer = options?.signal;
    const relay = (): void => controller.abort(outer?.reason);
    if (outer?.aborted) relay();
    else outer?.addEventListener('abort', relay);

    this.#latest = controller;
    this.#show({ status: 'pending', isPending: true, input });
    try {
      const data = await this.#client.call(this.#name, input, {
        ...this.#defaults,
        ...options,
        signal: controller.signal,
      });
      if (this.#settle(controller)) this.#show({ status: 'success', input, data });
      return data;
    } catch (error) {
      if (this.#settle(controller))
        this.#show({ status: 'error', input, error: this.#shown(error, controller.signal) });
      throw error;
    } finally {
      outer?.removeEventListener('abort', relay);
    }
  }

  /** Whether this call is the latest one and still wanted; after that it is neither. */
  #settle(controller: AbortController): boolean {
    const latest = this.#latest === controller;
    if (latest) this.#latest = undefined;
    return latest;
  }

  /** A caller's own signal rejects with any reason it likes; what is shown keeps to the documented union. */
  #shown(error: unknown, signal: AbortSignal): unknown {
    if (!signal.aborted || error !== signal.reason) return error;
    return new HawserError('system', 'CANCELLED', `The signal given to the call "${this.#name}" fired.`, {
      cause: error,
    });
  }

  #show(change: Partial<CallSnapshot>): void {
    this.#set(Object.freeze({ ...this.idle, ...change }));
  }

  #set(snapshot: CallSnapshot): void {
    this.#snapshot = snapshot;
    for (const listener of this.#listeners) listener();
  }
}
