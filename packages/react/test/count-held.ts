interface Listening {
  on(...args: unknown[]): () => void;
  handle(...args: unknown[]): () => void;
  lease(...args: unknown[]): () => void;
  onState(...args: unknown[]): () => void;
}

/** What a client holds at the moment, and how often it was asked to, by method. */
export interface Held {
  readonly now: Record<keyof Listening, number>;
  readonly ever: Record<keyof Listening, number>;
}

/** Stands in front of a client's listening methods and counts what they hold. */
export function countHeld(client: object): Held {
  const listening = client as Listening;
  const now = { on: 0, handle: 0, lease: 0, onState: 0 };
  const ever = { ...now };
  for (const method of ['on', 'handle', 'lease', 'onState'] as const) {
    const real = listening[method].bind(client);
    listening[method] = (...args) => {
      const stop = real(...args);
      now[method] += 1;
      ever[method] += 1;
      let held = true;
      return () => {
        if (held) now[method] -= 1;
        held = false;
        stop();
      };
    };
  }
  return { now, ever };
}
