import type { SystemError } from '../shared/errors.ts';
import type {
  CallError,
  CallIn,
  CallName,
  CallOut,
  ErrorsOf,
  HandledName,
  HandlerIn,
  HandlerOut,
  ItemIn,
  ItemOut,
  MessageIn,
  MessageName,
  MessageOut,
  StreamName,
  UploadName,
} from './contract-types.ts';
import type { Definitions } from './definitions.ts';
import type { Stream, StreamArgs } from './stream/stream-surface.ts';
import type { UploadContext, UploadOptions, UploadSource } from './upload/upload-surface.ts';

/** How one message is sent. */
export interface SendOptions {
  /**
   * `queue` keeps it for the next connection, exactly once inside the session. `drop` sends it only if the link is up
   * and not congested, and never again.
   * @defaultValue `'queue'`
   */
  readonly whenOffline?: 'queue' | 'drop';
}

/** What a message handler is told besides the data. */
export interface MessageMeta {
  /** Messages of this name may be missing before this one: a session was lost since the last. */
  readonly gap: boolean;
}

/** How a listener or a handler ends. */
export interface ListenOptions {
  /** Stops listening when aborted. */
  readonly signal?: AbortSignal;
}

/** How `once` gives up. */
export interface OnceOptions extends ListenOptions {
  /** Milliseconds until it rejects with `TIMEOUT`. @defaultValue no limit */
  readonly timeout?: number;
}

/** How one call is made. */
export interface CallOptions {
  /** Milliseconds until it fails with `TIMEOUT` and the other side's signal fires. @defaultValue the client's `callTimeout` */
  readonly timeout?: number;
  /** Cancels the call here and on the other side; the call rejects with the signal's reason, as `fetch` does. */
  readonly signal?: AbortSignal;
  /**
   * Names this call across retries; only for calls the contract marks `idempotent`. The same user calling again with the
   * same key gets the first answer, as long as the server keeps it.
   * @defaultValue a random key
   */
  readonly idempotencyKey?: string;
  /** W3C traceparent that the other side's middleware and handler find in their context. @defaultValue none */
  readonly traceparent?: string;
}

/** One call on its way out, as middleware sees it; it may not know the contract. */
export interface OutgoingCall {
  readonly name: string;
  readonly input: unknown;
  /** As the caller gave them, with what earlier middleware changed; idempotent calls have their key. */
  readonly options: CallOptions;
  /** Goes on, with other options where some are given; called again it asks again. */
  readonly next: (options?: CallOptions) => Promise<unknown>;
}

/** An {@link OutgoingCall} of a contract, to switch on by `name`. */
export type OutgoingCallOf<D extends Definitions> = {
  [N in CallName<D>]: {
    readonly name: N;
    readonly input: CallIn<D[N]>;
    readonly options: CallOptions;
    readonly next: (options?: CallOptions) => Promise<CallOut<D[N]>>;
  };
}[CallName<D>];

/**
 * Runs around every call this end makes, once for each: returns what `next` gave, asks again, refuses by throwing. An
 * idempotent call that is repeated in a new session leaves again without passing it again. Streams and uploads have none.
 *
 * Written without a type argument it fits every contract.
 */
export type CallMiddleware<Call = OutgoingCall> = (call: Call) => Promise<unknown>;

/** Arguments of `send` after the name: payload (when the message has one), then options. */
export type SendArgs<D> = [MessageIn<D>] extends [undefined]
  ? [data?: undefined, options?: SendOptions]
  : [data: MessageIn<D>, options?: SendOptions];

/** Arguments of `call` after the name: input (when the call has one), then options. */
export type CallArgs<D> = [CallIn<D>] extends [undefined]
  ? [input?: undefined, options?: CallOptions]
  : [input: CallIn<D>, options?: CallOptions];

/** What `safeCall` resolves to: never throws, switch on `ok`. */
export type CallResult<D> =
  | { readonly ok: true; readonly data: CallOut<D> }
  | { readonly ok: false; readonly error: CallError<D> };

/** Ends a call with a domain error of the contract; never returns. */
export type Fail<D> = <K extends keyof ErrorsOf<D> & string>(
  code: K,
  ...data: [ErrorsOf<D>[K]['in']] extends [undefined] ? [data?: undefined] : [data: ErrorsOf<D>[K]['in']]
) => never;

/** What a call handler is given besides the input. */
export interface HandlerContext<D> {
  /**
   * Fires when the caller cancels, its deadline passes, or the session ends. For an idempotent call of a client whose
   * session was lost it does not fire before the deadline: the client asks again, and gets the answer then.
   */
  readonly signal: AbortSignal;
  readonly fail: Fail<D>;
}

/**
 * Answers what the other side asks, or ends with `ctx.fail`: a call or upload by returning the output or a promise of it,
 * a stream by returning something to iterate, which an async generator does.
 */
export type Handler<D, Context = HandlerContext<D>> = D extends { readonly kind: 'stream' }
  ? (input: HandlerIn<D>, context: Context) => AsyncIterable<ItemIn<D>> | Iterable<ItemIn<D>>
  : D extends { readonly kind: 'upload' }
    ? (input: HandlerIn<D>, context: Context & UploadContext) => HandlerOut<D> | Promise<HandlerOut<D>>
    : (input: HandlerIn<D>, context: Context) => HandlerOut<D> | Promise<HandlerOut<D>>;

/** Something wrong that ends nothing: told through `onProblem`, with no payload in it. */
export interface Problem {
  /**
   * `invalid-message`: a payload did not match the contract and was not delivered. `unknown-name`: a message nobody
   * declared. `handler-error`: a listener, reader or handler threw, or a stream failed whose reader takes no errors.
   * `dropped`: the overflow policy dropped a queued message.
   */
  readonly kind: 'invalid-message' | 'unknown-name' | 'handler-error' | 'dropped';
  /** Name of the message or call. */
  readonly name: string;
  readonly error: SystemError;
}

/** What each end of a session can do: `Out` is what it may start, `In` what the other end may. */
export interface Peer<Out extends Definitions, In extends Definitions> {
  /**
   * Sends one-way data; returns at once. Inside a session it arrives exactly once and in order.
   *
   * @throws HawserError `QUEUE_FULL` when the queue reached its bound under the policy `reject`, and under a server's
   * `disconnect` when that of large messages did (`largeBytes`: those over 64 KiB, and what waits behind them under the same
   * name), because it fills while the reader keeps up; `TOO_LARGE` over the peer's limit, `INVALID_INPUT` when it cannot be
   * encoded, `UNAVAILABLE` after `close()`
   */
  send<N extends MessageName<Out>>(name: N, ...args: SendArgs<Out[N]>): void;
  /**
   * Listens to one message; returns the function that stops.
   *
   * Handlers run in order of arrival. One that throws is reported through `onProblem`; the others still run.
   */
  on<N extends MessageName<In>>(
    name: N,
    handler: (data: MessageOut<In[N]>, meta: MessageMeta) => void,
    options?: ListenOptions,
  ): () => void;
  /** Resolves with the next message of this name. @throws HawserError `TIMEOUT`; the signal's reason when aborted */
  once<N extends MessageName<In>>(name: N, options?: OnceOptions): Promise<MessageOut<In[N]>>;
  /** Asks the other side and resolves with its answer. @throws {@link CallError}; the signal's reason when aborted */
  call<N extends CallName<Out>>(name: N, ...args: CallArgs<Out[N]>): Promise<CallOut<Out[N]>>;
  /** As `call`, with errors returned instead of thrown. @throws the signal's reason when aborted */
  safeCall<N extends CallName<Out>>(name: N, ...args: CallArgs<Out[N]>): Promise<CallResult<Out[N]>>;
  /** Asks the other side for a stream of items, read with `for await` or `subscribe`. @throws HawserError `UNIMPLEMENTED` */
  stream<N extends StreamName<Out>>(name: N, ...args: StreamArgs<Out[N]>): Stream<ItemOut<Out[N]>>;
  /**
   * Sends bytes of any length and resolves with the answer. Eleven run at once, others wait for their turn.
   *
   * @throws {@link CallError}, `QUEUE_FULL` when `buffer.queueCount` wait already; the signal's reason when aborted
   */
  upload<N extends UploadName<Out>>(
    name: N,
    input: CallIn<Out[N]>,
    source: UploadSource,
    options?: UploadOptions,
  ): Promise<CallOut<Out[N]>>;
  /**
   * Answers a call, stream or upload of the other side; returns the function that stops.
   *
   * @throws TypeError when the name already has a handler
   */
  handle<N extends HandledName<In>>(name: N, handler: Handler<In[N]>, options?: ListenOptions): () => void;
}
