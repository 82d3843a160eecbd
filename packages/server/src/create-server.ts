import type { Contract } from '@hawser/core';
import type { AnyMiddleware, Middleware, NothingAdded, ServerHandlers } from '@hawser/core/endpoint';
import type { AuthOf, Identity, ServerOptions } from './options.ts';
import { resolveOptions, type ResolvedServerOptions } from './resolve-options.ts';
import { HawserServer, type LooseHandlers } from './server.ts';
import type { Server } from './server-surface.ts';

/** A server without its handlers. `Added` is what its middleware puts into their context. */
export interface ServerDraft<C extends Contract, Auth, Added = NothingAdded> {
  /**
   * Runs a function around every handler: around those used before it, it runs inside.
   *
   * It sees what is asked and by whom, goes on with `next`, whose argument is added to the context of all that follow, and
   * returns what that gave. It refuses by throwing a `refusal`. This draft stays as it is; the one returned has it.
   *
   * @throws TypeError when it is no function
   */
  use<More extends object>(middleware: Middleware<C, Auth, Added, More>): ServerDraft<C, Auth, Added & More>;
  /**
   * Completes the server with a handler for every call, stream and upload clients may start.
   *
   * @throws TypeError when a handler is missing, or named after nothing that clients may ask for
   */
  implement(handlers: ServerHandlers<C, Auth, Added>): Server<C, Auth>;
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
  return draft<C, AuthOf<Auth>, NothingAdded>(resolved, []);
}

function draft<C extends Contract, Auth, Added>(
  resolved: ResolvedServerOptions,
  chain: readonly AnyMiddleware[],
): ServerDraft<C, Auth, Added> {
  return {
    use<More extends object>(middleware: Middleware<C, Auth, Added, More>) {
      if (typeof middleware !== 'function') {
        throw new TypeError('`use` takes a function, such as async ({ next }) => next().');
      }
      return draft<C, Auth, Added & More>(resolved, [...chain, middleware as unknown as AnyMiddleware]);
    },
    implement(handlers) {
      const loose = handlers as unknown as LooseHandlers;
      checkHandlers(resolved.accept.contract, loose);
      return new HawserServer(resolved, loose, chain) as unknown as Server<C, Auth>;
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
