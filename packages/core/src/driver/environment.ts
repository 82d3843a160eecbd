/** What a page or a machine tells: look at the link now, there is no network, no code will run for a while. */
export type EnvironmentNews = 'online' | 'offline' | 'frozen';

type Scope = Partial<EventTarget> & {
  readonly document?: EventTarget & { readonly visibilityState?: string };
  readonly navigator?: { readonly onLine?: boolean };
};

/** Listens to the page's events; does nothing where there is no page. Returns the function that stops. */
export function watchEnvironment(tell: (news: EnvironmentNews) => void, scope: object = globalThis): () => void {
  const { document: page, navigator } = scope as Scope;
  const heard = ({ type }: { readonly type: string }): void => {
    if (type === 'offline') tell('offline');
    else if (type === 'freeze' || type === 'pagehide') tell('frozen');
    // A page that is shown without network would only dial in vain.
    else if (page?.visibilityState !== 'hidden' && navigator?.onLine !== false) tell('online');
  };
  const each = (change: 'addEventListener' | 'removeEventListener'): void => {
    // Workers have no document, Node has neither.
    for (const type of ['online', 'offline', 'focus', 'pageshow', 'pagehide']) (scope as Scope)[change]?.(type, heard);
    for (const type of ['visibilitychange', 'freeze', 'resume']) page?.[change](type, heard);
  };
  each('addEventListener');
  return () => each('removeEventListener');
}
