import { browserOnly } from '../shared/platform.ts';

/** What a page or a machine tells: look at the link now, there is no network, no code will run for a while. */
export type EnvironmentNews = 'online' | 'offline' | 'frozen';

type Scope = Partial<EventTarget> & {
  readonly document?: { readonly visibilityState?: string };
  readonly navigator?: { readonly onLine?: boolean };
};

const types = ['online', 'offline', 'focus', 'pageshow', 'pagehide', 'visibilitychange', 'freeze', 'resume'];

function nowhere(): void {
  // Nothing to listen to.
}

/** Listens to the page's events while the returned function has been given true; does nothing where there is no page. */
export function watchEnvironment(
  tell: (news: EnvironmentNews) => void,
  scope: Scope = globalThis,
): (wanted: boolean) => void {
  // Node has none of these events, and may have thousands of clients.
  if (!browserOnly && !scope.addEventListener) return nowhere;
  const heard = ({ type }: { readonly type: string }): void => {
    if (type === 'offline') tell(type);
    else if (type === 'freeze' || type === 'pagehide') tell('frozen');
    // A page that is shown without network would only dial in vain.
    else if (scope.document?.visibilityState !== 'hidden' && scope.navigator?.onLine !== false) tell('online');
  };
  return (wanted) => {
    for (const type of types) {
      // The document's events pass here on their way down; of `focus` only the window's own is meant.
      scope[wanted ? 'addEventListener' : 'removeEventListener']?.(type, heard, { capture: type !== 'focus' });
    }
  };
}
