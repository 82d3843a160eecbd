import type { Clock } from '../driver/clock.ts';
import { wheelClock } from '../driver/wheel-clock.ts';
import type { Contract } from '../peer/contract.ts';
import type { PoolOptions, PooledClientOptions } from './options.ts';
import type { Rate } from './token-bucket.ts';

/** Pool options with every default in place. */
export interface ResolvedPoolOptions {
  readonly contract: Contract;
  readonly client: (key: string) => PooledClientOptions<Contract>;
  readonly maxClients: number;
  readonly idleTimeout: number;
  readonly memory: number;
  /** `undefined` when nothing is counted. */
  readonly sends: Rate | undefined;
  readonly dialsAtOnce: number;
  readonly dials: Rate;
  readonly clock: Clock;
}

/** Timers are exact to a few milliseconds; what comes meanwhile must not be lost. */
const timerTime = 20;

/**
 * Fills in defaults and refuses what cannot work.
 *
 * @throws TypeError naming the option, what it got and what it takes
 */
export function resolvePoolOptions(options: PoolOptions<Contract>): ResolvedPoolOptions {
  const { contract, client, clock = wheelClock() } = options;
  if (contract?.clientToServer === undefined)
    throw new TypeError('`contract` is missing; make one with defineContract().');
  if (typeof client !== 'function')
    throw new TypeError('`client` is missing; give a function from a key to the options of its client.');
  const { maxClients = 10_000, idleTimeout = 30_000, memory = 67_108_864 } = options;
  const { atOnce = 64, perSecond: dialsPerSecond = 100 } = options.dials ?? {};
  const { perSecond = Infinity, burst = Math.max(1, perSecond / 10) } = options.sends ?? {};
  check('maxClients', maxClients, 1);
  check('idleTimeout', idleTimeout, 0);
  check('memory', memory, 0);
  check('dials.atOnce', atOnce, 1);
  check('dials.perSecond', dialsPerSecond, 0);
  check('sends.perSecond', perSecond, 0);
  check('sends.burst', burst, 1);
  return {
    contract,
    client,
    clock,
    maxClients,
    idleTimeout,
    memory,
    sends: perSecond === Infinity ? undefined : { perSecond, burst },
    dialsAtOnce: atOnce,
    dials: { perSecond: dialsPerSecond, burst: Math.max(1, (dialsPerSecond * timerTime) / 1_000) },
  };
}

function check(name: string, value: unknown, least: number): void {
  // A rate of nothing at all would be a pool that never does anything.
  if (typeof value === 'number' && (least === 0 && /perSecond/.test(name) ? value > 0 : value >= least)) return;
  const range = /perSecond/.test(name) ? 'above 0' : `from ${least} up`;
  throw new TypeError(`\`${name}\` is ${String(value)}; it takes a number ${range}.`);
}
