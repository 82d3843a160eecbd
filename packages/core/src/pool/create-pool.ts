import type { Contract } from '../peer/contract.ts';
import type { PoolOptions } from './options.ts';
import type { Pool } from './pool-surface.ts';
import { HawserPool } from './pool.ts';
import { resolvePoolOptions } from './resolve-pool-options.ts';

/**
 * Makes a pool of clients of one contract, for processes that hold many connections: bots, gateways, load tests.
 *
 * No client exists before {@link Pool.client} asks for it. `await using` closes all of them at the end of the scope.
 *
 * @throws TypeError when an option cannot work
 */
export function createPool<C extends Contract>(options: PoolOptions<C>): Pool<C> {
  return new HawserPool(resolvePoolOptions(options as unknown as PoolOptions<Contract>)) as unknown as Pool<C>;
}
