/**
 * Reads a snapshot through a selector that runs once per snapshot, so that one which builds a new object each time does
 * not look like a change each time.
 */
export function selection<S, T>(read: () => S, select: (snapshot: S) => T): () => T {
  let last: { readonly snapshot: S; readonly selected: T } | undefined;
  return () => {
    const snapshot = read();
    if (!last || !Object.is(last.snapshot, snapshot)) last = { snapshot, selected: select(snapshot) };
    return last.selected;
  };
}
