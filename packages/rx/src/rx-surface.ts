import type {
  CallArgs,
  CallName,
  CallOut,
  ConnectionState,
  Contract,
  MessageIn,
  MessageName,
  MessageOf,
  MessageOut,
} from '@hawser/core';
import type { Observable, Observer } from 'rxjs';
import type { SinkOptions } from './sink.ts';

/** A client's state, messages and calls as observables; what `toRx` returns. */
export interface Rx<C extends Contract> {
  /**
   * The connection state: the current one at once, then every change.
   *
   * Completes when the client is closed for good. Never errors.
   */
  readonly state$: Observable<ConnectionState>;
  /**
   * Every message of the server, in order of arrival, as a union to switch on by `type`.
   *
   * Completes when the client is closed for good. Never errors: a lost link only pauses it.
   */
  readonly messages$: Observable<MessageOf<C['serverToClient']>>;
  /**
   * The data of one message of the server.
   *
   * Completes when the client is closed for good. Never errors: a lost link only pauses it.
   */
  readonly message$: <N extends MessageName<C['serverToClient']>>(
    name: N,
  ) => Observable<MessageOut<C['serverToClient'][N]>>;
  /**
   * A call as a cold observable: each subscription is one call, which emits its answer and completes.
   *
   * Unsubscribing before the answer cancels the call here and on the server. Errors with the `HawserError` that
   * `client.call` rejects with (`ErrorOf` names the union), or with the reason of `options.signal`. Behind `retry()`
   * every try is a call of its own; give an `idempotencyKey` to make them one.
   */
  readonly call$: <N extends CallName<C['clientToServer']>>(
    name: N,
    ...args: CallArgs<C['clientToServer'][N]>
  ) => Observable<CallOut<C['clientToServer'][N]>>;
  /**
   * An observer that sends what it is given: `numbers$.subscribe(rx.sink('level'))`.
   *
   * `error` and `complete` are ignored: the end of a source never closes the connection that others share. What `send`
   * throws (`QUEUE_FULL`, `UNAVAILABLE` after `close()` …) goes to `options.onError`; without it RxJS reports it as
   * unhandled (`config.onUnhandledError`). Either way the source stays subscribed.
   */
  readonly sink: <N extends MessageName<C['clientToServer']>>(
    name: N,
    options?: SinkOptions,
  ) => Observer<MessageIn<C['clientToServer'][N]>>;
}
