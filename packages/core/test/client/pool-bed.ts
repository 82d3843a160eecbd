import { createPool, type Pool, type PoolOptions, type PooledClientOptions } from '@hawser/core/pool';
import type { TestBed } from '@hawser/core/testing';
import { bedOf, desk, type Desk } from './bed.ts';

/** A pool whose clients talk to the server of a test bed, under its clock. */
export interface PoolBed {
  readonly bed: TestBed<Desk>;
  readonly pool: Pool<Desk>;
  /** What arrived, by the name the client signed in with. */
  readonly heard: { readonly by: unknown; readonly n: number; readonly at: number }[];
  /** Closes both, and counts the timers left. */
  end(): Promise<number>;
}

export function poolBed(
  options: Partial<PoolOptions<Desk>> = {},
  each: (key: string) => Partial<PooledClientOptions<Desk>> = () => ({}),
  bed: TestBed<Desk> = bedOf(),
): PoolBed {
  const heard: { by: unknown; n: number; at: number }[] = [];
  bed.server.on('note', ({ n }, { peer }) => heard.push({ by: peer.auth, n, at: bed.clock.now() }));
  bed.server.handle('double', (n) => n * 2);
  const pool = createPool({
    contract: desk,
    clock: bed.clock,
    client: (key) => ({ url: 'ws://test.invalid/', auth: key, WebSocket: bed.link.socketClass(), ...each(key) }),
    ...options,
  });
  return {
    bed,
    pool,
    heard,
    async end() {
      const closing = pool.close();
      await bed.clock.advance(5_000);
      await closing;
      await bed[Symbol.asyncDispose]();
      return bed.clock.pending;
    },
  };
}
