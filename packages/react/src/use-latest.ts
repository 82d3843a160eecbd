import { useCallback, useInsertionEffect, useRef } from 'react';

/**
 * A function that never changes and calls the latest committed `fn`; not for use during rendering.
 *
 * React's own `useEffectEvent` would do, but up to React 19.2 it keeps the first closure for good inside `memo` and
 * `forwardRef` components. Insertion effects run before layout effects, so nobody who listens can call an old one.
 */
export function useLatest<Args extends unknown[], Result>(fn: (...args: Args) => Result): (...args: Args) => Result {
  const latest = useRef(fn);
  useInsertionEffect(() => {
    latest.current = fn;
  });
  return useCallback((...args) => latest.current(...args), []);
}
