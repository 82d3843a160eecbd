/** Ends a promise with what `outcome` returns or throws. */
export type Settle = (outcome: () => unknown) => void;

/**
 * A promise that its signal can reject with the signal's reason.
 *
 * @param start - begins the work; returns what ends it, which is called when the promise settles later
 */
export function promised(signal: AbortSignal | undefined, start: (settle: Settle) => () => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    let stop: (() => void) | undefined;
    function settle(outcome: () => unknown): void {
      signal?.removeEventListener('abort', aborted);
      stop?.();
      try {
        resolve(outcome());
      } catch (error) {
        reject(error);
      }
    }
    const aborted = (): void => settle(() => signal?.throwIfAborted());
    stop = start(settle);
    signal?.addEventListener('abort', aborted);
  });
}

/** Any thenable counts, as with `await`. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
