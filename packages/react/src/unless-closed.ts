import type { SystemError } from '@hawser/core';

/**
 * Starts something that a closed client refuses by throwing `UNAVAILABLE`; without effect on such a client.
 *
 * A component that mounts on the page that says "disconnected" must not fall over.
 */
export function unlessClosed(start: () => () => void): (() => void) | undefined {
  try {
    return start();
  } catch (error) {
    if ((error as Partial<SystemError>).code === 'UNAVAILABLE') return undefined;
    throw error;
  }
}
