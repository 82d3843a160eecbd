import type { Client } from '@hawser/core';
import { createPool, type Lease, type Pool, type PoolState } from '@hawser/core/pool';
import { expectTypeOf, it } from 'vitest';
import { fleet, type Fleet } from './contract.ts';

it('knows the contract of its clients', async () => {
  await using pool = createPool({ contract: fleet, client: (key) => ({ url: 'ws://x', auth: { token: key } }) });
  expectTypeOf(pool).toEqualTypeOf<Pool<Fleet>>();
  using lease = pool.client('ada');
  expectTypeOf(lease).toEqualTypeOf<Lease<Fleet>>();
  expectTypeOf(lease.client).toEqualTypeOf<Client<Fleet>>();
  expectTypeOf(lease.client.call('whoami')).resolves.toEqualTypeOf<{ user: string }>();
  lease.client.send('heartbeat', { battery: 1 });
  // @ts-expect-error the contract has no such message
  lease.client.send('nothing');
  expectTypeOf(pool.state).toEqualTypeOf<PoolState>();
  expectTypeOf(pool.state.connected).toEqualTypeOf<number>();
  pool.onProblem((problem, key) => {
    expectTypeOf(key).toEqualTypeOf<string>();
    expectTypeOf(problem.error.origin).toEqualTypeOf<'system'>();
  });
});

it('needs an address for every client', () => {
  // @ts-expect-error every client needs an address
  createPool({ contract: fleet, client: () => ({}) });
});
