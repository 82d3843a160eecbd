import type { ClientOptions } from '../client/options.ts';
import type { Clock } from '../driver/clock.ts';
import type { Contract } from '../peer/contract.ts';

/** How the clients of a pool dial, all together. */
export interface DialLimits {
  /** Dials under way, from `url` and `auth` to the welcome. @defaultValue 64 */
  readonly atOnce: number;
  /** Dials begun per second. @defaultValue 100 */
  readonly perSecond: number;
}

/** How fast the clients of a pool send, all together; every numbered frame but chunks counts as one, a replay does not. */
export interface SendRate {
  /** In the long run. @defaultValue Infinity */
  readonly perSecond: number;
  /** At once, after a pause. @defaultValue a tenth of `perSecond`, at least 1 */
  readonly burst: number;
}

/** Options of one client of a pool. */
export type PooledClientOptions<C extends Contract> = Omit<ClientOptions<C>, 'contract' | 'clock'>;

/** Options of `createPool`. Durations in milliseconds, sizes in bytes. */
export interface PoolOptions<C extends Contract> {
  /** What all clients and their servers agree on. */
  readonly contract: C;
  /** Options of the client for a key; asked once per client. */
  readonly client: (key: string) => PooledClientOptions<C>;
  /** Clients that may exist at once; those released longest ago make room. @defaultValue 10_000 */
  readonly maxClients?: number;
  /** How long a client lives on after its last lease was released. @defaultValue 30_000 */
  readonly idleTimeout?: number;
  /** What all clients together may keep to send: waiting, and sent without an acknowledgement. @defaultValue 67_108_864 */
  readonly memory?: number;
  /** How fast all clients together may send; more waits in the send queues. @defaultValue as fast as they can */
  readonly sends?: Partial<SendRate>;
  /** How many dials run at once, and how many begin per second. @defaultValue 64 at once, 100 per second */
  readonly dials?: Partial<DialLimits>;
  /** Time and chance, for tests. @defaultValue the system's, with one native timer for the process */
  readonly clock?: Clock;
}
