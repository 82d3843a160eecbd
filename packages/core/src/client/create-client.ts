import { defaultSocket } from '../driver/default-socket.ts';
import type { Contract } from '../peer/contract.ts';
import type { Client } from './client-surface.ts';
import { HawserClient } from './client.ts';
import type { ClientOptions } from './options.ts';
import { resolveOptions } from './resolve-options.ts';

/**
 * Makes a client for one server; nothing is dialled before the first use (see `lazy`).
 *
 * Create it once, outside components. `await using` closes it at the end of the scope.
 *
 * @throws TypeError when an option cannot work
 */
export function createClient<C extends Contract>(options: ClientOptions<C>): Client<C> {
  return new HawserClient(
    resolveOptions(options as unknown as ClientOptions<Contract>, defaultSocket),
  ) as unknown as Client<C>;
}
