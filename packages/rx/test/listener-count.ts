interface Listening {
  on(...args: unknown[]): () => void;
  onState(...args: unknown[]): () => void;
}

/** Stands in front of a client's `on` and `onState`; the returned function says how many listeners are left. */
export function countListeners(client: object): () => number {
  const listening = client as Listening;
  let count = 0;
  for (const method of ['on', 'onState'] as const) {
    const real = listening[method].bind(client);
    listening[method] = (...args) => {
      const stop = real(...args);
      count += 1;
      return () => {
        count -= 1;
        stop();
      };
    };
  }
  return () => count;
}
