import type { Contract } from '@hawser/core';
import type { ServerHandlers } from '@hawser/core/endpoint';
import type { AuthOf, Identity, ServerOptions } from './options.ts';
import { resolveOptions } from './resolve-options.ts';
import { HawserServer, type LooseHandlers } from './server.ts';
import type { Server } from './server-surface.ts';

/** A server without its handlers. */
export interface ServerDraft<C extends Contract, Auth> {
  /**
   * Completes the server with a handler for every call, stream and upload clients may start.
   *
   * @throws TypeError when a handler is missing, or named after nothing that clients may ask for
   */
  implement(handlers: ServerHandlers<C, Auth>): Server<C, Auth>;
}

/**
 * Makes the accepting end of a contract; give it handlers with `implement`, then an HTTP server with `attach`.
 *
 * In two steps because the handlers' `peer.auth` has the type that `authenticate` returns.
 *
 * @throws TypeError naming an option that cannot work
 */
export function createServer<C extends Contract, Auth extends Identity = never>(
  options: ServerOptions<C, Auth>,
): ServerDraft<C, AuthOf<Auth>> {
  const resolved = resolveOptions(options as unknown as ServerOptions<Contract, Identity>);
  return {
    implement(handlers) {
      const loose = handlers as unknown as LooseHandlers;
      checkHandlers(options.contract, loose);
      return new HawserServer(resolved, loose) as unknown as Server<C, AuthOf<Auth>>;
    },
  };
}

function checkHandlers({ clientToServer }: Contract, handlers: LooseHandlers): void {
  for (const [name, definition] of Object.entries(clientToServer)) {
    if (definition.kind !== 'message' && typeof handlers[name] !== 'function') {
      throw new TypeError(
        `The ${definition.kind} "${name}" has no handler; \`implement\` takes a function for every call, stream and upload clients may start.`,
      );
    }
  }
  for (const name of Object.keys(handlers)) {
    if (!clientToServer[name]?.['~run']) {
      throw new TypeError(
        `There is a handler for "${name}", which is no call, stream or upload that clients may start. Messages are heard with server.on.`,
      );
    }
  }
}
