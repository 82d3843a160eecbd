import { createClient } from '@hawser/core';
import { type Identity, monitor } from '../contract.ts';

/** The cable's port; the server of this page writes it into the page. */
const cablePort = document.querySelector<HTMLMetaElement>('meta[name="cable-port"]')?.content ?? '';

/** How this page shows up in the list of peers. */
export const identity: Identity = {
  kind: 'page',
  name: `${browserName()} ${Math.random().toString(36).slice(2, 5)}`,
  commands: ['identify', 'report'],
};

/** The page's one socket: made here, outside React, and given to `SocketProvider`. */
export const client = createClient({
  contract: monitor,
  url: `ws://${location.hostname}:${cablePort}/ws`,
  auth: () => identity,
  // Quicker than the defaults, so that the demonstration does not keep anybody waiting.
  reconnect: { minDelay: 250, maxDelay: 2_000, connectTimeout: 2_000, welcomeTimeout: 2_000 },
});

function browserName(): string {
  const { userAgent } = navigator;
  if (userAgent.includes('Firefox/')) return 'Firefox';
  if (userAgent.includes('Edg/')) return 'Edge';
  if (userAgent.includes('Chrome/')) return 'Chrome';
  return userAgent.includes('Safari/') ? 'Safari' : 'Browser';
}
