// Vocabulary shared by streams and topics; RxJS and the platform's own Observable take these shapes as they are.

/** Receives values one after another, then at most one of `error` and `complete`. */
export interface Observer<T> {
  next?(value: T): void;
  error?(error: unknown): void;
  complete?(): void;
}

/** An observer, or only its `next`. */
export type ObserverOrNext<T> = Observer<T> | ((value: T) => void);

/** Something that goes on until it is unsubscribed or over; also ends with `using`. */
export interface Subscription extends Disposable {
  /** Whether it is over, from either side. */
  readonly closed: boolean;
  /** Ends it; nothing is told afterwards. Calling it again changes nothing. */
  unsubscribe(): void;
}
