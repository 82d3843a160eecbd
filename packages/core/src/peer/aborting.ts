/** Runs `fn` when the signal fires; returns the function that lets go of the signal. */
export function whenAborted(signal: AbortSignal | undefined, fn: () => void): () => void {
  signal?.addEventListener('abort', fn);
  return () => signal?.removeEventListener('abort', fn);
}
