import type { SystemError } from '../../shared/errors.ts';
import type { TopicParams } from '../contract-types.ts';
import type { Subscription } from '../observer.ts';

/** Arguments of `topic` after the name: the parameters, when the topic has some. */
export type TopicArgs<D> = [TopicParams<D>] extends [undefined] ? [params?: undefined] : [params: TopicParams<D>];

/**
 * Where a topic stands, as one immutable object to switch on.
 *
 * `idle`: nobody subscribes. `pending`: asked for, nothing came yet. `live`: the server confirmed. `stale`: the link is
 * down; `data` may be old. `error`: refused or revoked. `ended`: the server ended the topic, or the client was closed.
 * `gap`: messages may be missing before `data`, or since.
 */
export type TopicSnapshot<T> =
  | { readonly status: 'idle' | 'pending'; readonly data?: undefined; readonly gap: boolean }
  | { readonly status: 'live' | 'stale' | 'ended'; readonly data: T | undefined; readonly gap: boolean }
  | { readonly status: 'error'; readonly data: T | undefined; readonly gap: boolean; readonly error: SystemError };

/** What a subscriber is told besides the data. */
export interface TopicMeta {
  /** Messages may be missing before this one. */
  readonly gap: boolean;
  /** Place in the topic's history. */
  readonly offset: number;
}

/** Receives the messages of a topic, then at most one of `error` and `complete`. */
export interface TopicObserver<T> {
  next?(value: T, meta: TopicMeta): void;
  /** The server refused or revoked the subscription; never because the link dropped. */
  error?(error: SystemError): void;
  /** The server ended the topic, or the client was closed. */
  complete?(): void;
}

/** What an async iterator of a topic keeps for a slow reader. */
export interface TopicBuffer {
  /** Values kept, 1 or more. */
  readonly size: number;
  /** What goes when it is full: the oldest, the newest, or the reader, who then fails with `QUEUE_FULL`. */
  readonly overflow: 'drop-oldest' | 'drop-newest' | 'error';
}

/** How the async iterator of a topic reads. */
export interface TopicValuesOptions {
  /** What is kept for a reader who is slower than the topic; `'latest'` keeps one value. @defaultValue `'latest'` */
  readonly buffer?: 'latest' | TopicBuffer;
  /** Ends the iteration; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * One topic with its parameters; the same handle for the same parameters, compared by value.
 *
 * However many subscribe, the wire has one subscription. When the last one leaves it ends after a grace period.
 */
export interface TopicHandle<T> {
  /**
   * Listens to every message; ends with an error when the server refuses, completes when the topic ends.
   *
   * Whoever comes later to a topic that retains is given the last message first, as the first one was by the server.
   * @throws HawserError `UNAVAILABLE` when the client is closed
   */
  subscribe(observer: TopicObserver<T> | ((value: T, meta: TopicMeta) => void)): Subscription;
  /**
   * Messages as an async iterator; leaving the loop unsubscribes.
   *
   * @throws TypeError for a buffer size below 1
   */
  values(options?: TopicValuesOptions): AsyncIterable<T>;
  /** Where it stands; the same object until something changes. */
  getSnapshot(): TopicSnapshot<T>;
  /** Called whenever the snapshot changes, without subscribing by itself; returns the function that stops. */
  onChange(listener: () => void): () => void;
}
