// Many clients of one contract in one process.
export { createPool } from './pool/create-pool.ts';
export type { DialLimits, PooledClientOptions, PoolOptions, SendRate } from './pool/options.ts';
export type { Lease, Pool, PoolState } from './pool/pool-surface.ts';
export type { SharedRoom } from './session/send-limits.ts';

// Its clock, for clients made one by one.
export { wheelClock } from './driver/wheel-clock.ts';
