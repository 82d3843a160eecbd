import type { HeartbeatTiming } from '../../src/endpoint/heartbeat.ts';
import type { SendLimits } from '../../src/session/send-limits.ts';
import { defaultSendLimits } from '../../src/endpoint/defaults.ts';
import { acceptDefaults } from '../../src/accept/defaults.ts';
import type { RegistryLimits } from '../../src/accept/session-registry.ts';
import type { WireLimits } from '../../src/wire/frame.ts';
import { defaultWireLimits } from '../../src/wire/limits.ts';
import type { Codec } from '../../src/wire/codec.ts';
import { jsonCodec } from '../../src/wire/json-codec.ts';
import { msgpackCodec } from '../../src/wire/msgpack-codec.ts';
import { Random } from './random.ts';

/** What is the same throughout one run. */
export interface Profile {
  readonly seed: number;
  readonly clients: number;
  readonly codec: Codec;
  readonly heartbeat: HeartbeatTiming;
  readonly registry: RegistryLimits;
  /** Bounds so small that they are met. */
  readonly tight: boolean;
  readonly keeps: SendLimits;
  /** What each end accepts. */
  readonly accepts: WireLimits;
  readonly overflow: 'reject' | 'drop-oldest' | 'drop-newest';
  readonly requeueUnsent: boolean;
  /** How long `authenticate` may take, milliseconds; 0 answers at once. */
  readonly authTime: number;
  /** For the socket to open, and for the welcome, milliseconds. */
  readonly handshakeTimeout: number;
  /** Mean time between faults of one client, milliseconds. */
  readonly calm: number;
  /** Mean time between bursts of messages, milliseconds. */
  readonly pace: number;
  /** How often the application does something at once about what it is told. */
  readonly liveliness: number;
  /** Whether the server publishes and clients subscribe. */
  readonly topics: boolean;
  /** How long `authorizeTopic` may take, milliseconds; 0 answers at once. */
  readonly topicAuthTime: number;
}

const tightLimits: readonly SendLimits[] = [
  { queueCount: 60, queueBytes: 1_048_576, replayCount: 25, replayBytes: 1_048_576, largeBytes: 400_000 },
  { queueCount: 5_000, queueBytes: 40_000, replayCount: 5_000, replayBytes: 24_000, largeBytes: 400_000 },
  { queueCount: 30, queueBytes: 30_000, replayCount: 10, replayBytes: 6_000, largeBytes: 400_000 },
];

/** The profile of a seed. */
export function profileOf(seed: number): Profile {
  const random = new Random(seed ^ 0x51ed270b);
  const tight = random.chance(0.3);
  const async = random.chance(0.2);
  return {
    seed,
    clients: random.int(1, 3),
    codec: random.chance(0.25) ? msgpackCodec : jsonCodec,
    heartbeat: random.pick([
      { every: 25_000, grace: 20_000 },
      { every: 10_000, grace: 5_000 },
      { every: 4_000, grace: 4_000 },
    ]),
    registry: {
      ...acceptDefaults.registry,
      window: random.pick([120_000, 120_000, 20_000, 8_000]),
      detachedBytes: tight && random.chance(0.5) ? 60_000 : acceptDefaults.registry.detachedBytes,
    },
    tight,
    keeps: tight ? random.pick(tightLimits) : defaultSendLimits,
    // Room for the longest body, and not for the batches both ends would like to make.
    accepts: random.chance(0.25) ? { frame: 14_500, msg: 14_000, inflight: 256 } : defaultWireLimits,
    overflow: tight ? random.pick(['reject', 'drop-oldest', 'drop-newest']) : 'reject',
    requeueUnsent: random.chance(0.75),
    authTime: async ? random.pick([5, 500, 3_000]) : 0,
    handshakeTimeout: random.pick([10_000, 6_000, 3_000]),
    calm: random.pick([30_000, 20_000, 12_000]),
    pace: random.pick([200, 500, 1_500]),
    liveliness: random.pick([0, 0.1, 0.5]),
    topics: random.chance(0.5),
    topicAuthTime: random.pick([0, 0, 300, 2_000]),
  };
}
