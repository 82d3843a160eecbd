/** What a page or a machine tells about its own life. */
export interface EnvironmentHost {
  /** The network is said to be back, or the page woke up: look at the link now. */
  awake(): void;
  /** The network is said to be gone. */
  offline(): void;
}

interface Target {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

/** Listens to the page's events; does nothing where there is no page. Returns the function that stops. */
export function watchEnvironment(host: EnvironmentHost, scope: object = globalThis): () => void {
  const page = scope as { addEventListener?: unknown; document?: Target & { visibilityState?: string } };
  // Node has addEventListener on nothing global; workers have no document.
  if (typeof page.addEventListener !== 'function') return () => undefined;
  const stops: (() => void)[] = [];
  const listen = (target: Target | undefined, type: string, listener: () => void): void => {
    if (target === undefined) return;
    target.addEventListener(type, listener);
    stops.push(() => target.removeEventListener(type, listener));
  };
  const awake = (): void => host.awake();
  for (const type of ['online', 'pageshow', 'focus']) listen(page as unknown as Target, type, awake);
  listen(page as unknown as Target, 'offline', () => host.offline());
  listen(page.document, 'resume', awake);
  listen(page.document, 'visibilitychange', () => {
    if (page.document?.visibilityState === 'visible') host.awake();
  });
  return () => {
    for (const stop of stops) stop();
  };
}
