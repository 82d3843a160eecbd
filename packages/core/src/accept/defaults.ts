import { defaultSendLimits } from '../endpoint/defaults.ts';
import { defaultWireLimits } from '../wire/limits.ts';
import type { AcceptOptions } from './accept-options.ts';
import { defaultRates } from './rates.ts';

/** What an accepting side uses where nothing else is said; see the option docs of `@hawser/server`. */
export const acceptDefaults: Pick<
  AcceptOptions<unknown, unknown>,
  | 'accepts'
  | 'keeps'
  | 'runningHandlers'
  | 'registry'
  | 'topics'
  | 'answers'
  | 'rates'
  | 'middleware'
  | 'heartbeat'
  | 'helloTimeout'
  | 'greetings'
  | 'spread'
  | 'callTimeout'
  | 'validation'
> = {
  accepts: defaultWireLimits,
  keeps: defaultSendLimits,
  runningHandlers: 64,
  registry: { window: 120_000, sessions: 100_000, detachedBytes: 67_108_864 },
  topics: { retainedBytes: 1_048_576, idleTopics: 100_000, idleBytes: 67_108_864, window: 120_000 },
  answers: { count: 20_000, each: 1_000, bytes: 16_777_216, age: 300_000 },
  rates: defaultRates,
  middleware: [],
  heartbeat: { every: 25_000, grace: 20_000 },
  helloTimeout: 10_000,
  greetings: 1_000,
  spread: 0,
  callTimeout: 30_000,
  validation: 'inbound',
};
