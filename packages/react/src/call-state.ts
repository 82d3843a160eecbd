import type { CallArgs, CallError, CallIn, CallOut } from '@hawser/core';

/** What one does with a call hook; the same functions on every render. */
export interface CallFunctions<D> {
  /** Makes the call; never throws or rejects: its outcome is the hook's `status`. */
  readonly call: (...args: CallArgs<D>) => void;
  /** As `call`, and resolves or rejects as `client.call` does, also after the component is gone. */
  readonly callAsync: (...args: CallArgs<D>) => Promise<CallOut<D>>;
  /** Back to `idle`; a running call goes on unwatched. */
  readonly reset: () => void;
  /** Cancels the running call here and on the server, and goes back to `idle`; without one it does nothing. */
  readonly abort: () => void;
}

/** Not called yet, or reset. */
export interface IdleCall<D> extends CallFunctions<D> {
  readonly status: 'idle';
  readonly isPending: false;
  readonly input: undefined;
  readonly data: undefined;
  readonly error: undefined;
}

/** The latest call has no answer yet. */
export interface PendingCall<D> extends CallFunctions<D> {
  readonly status: 'pending';
  readonly isPending: true;
  readonly input: CallIn<D>;
  readonly data: undefined;
  readonly error: undefined;
}

/** The latest call was answered. */
export interface SucceededCall<D> extends CallFunctions<D> {
  readonly status: 'success';
  readonly isPending: false;
  readonly input: CallIn<D>;
  readonly data: CallOut<D>;
  readonly error: undefined;
}

/** The latest call failed. */
export interface FailedCall<D> extends CallFunctions<D> {
  readonly status: 'error';
  readonly isPending: false;
  readonly input: CallIn<D>;
  readonly data: undefined;
  readonly error: CallError<D>;
}

/** What `useCall` returns: a union to switch on by `status`. */
export type CallState<D> = IdleCall<D> | PendingCall<D> | SucceededCall<D> | FailedCall<D>;
