/** A run with a problem proves nothing. Thrown where no listener's guard catches it. */
export function fail({ kind, name, error }: { kind: string; name: string; error: Error }): void {
  queueMicrotask(() => {
    throw new Error(`${kind} "${name}": ${error.message}`, { cause: error });
  });
}
