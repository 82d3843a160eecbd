import { broadcast, publish } from './broadcast.ts';
import { calls } from './calls.ts';
import { feed } from './feed.ts';
import { messages, messagesOnePerTick, sizedMessages } from './messages.ts';
import { paced } from './paced.ts';
import { asyncStream, stream } from './stream.ts';
import type { Workload } from './workload.ts';

export type WorkloadName =
  | 'messages'
  | 'feed'
  | 'calls-64'
  | 'calls-1024'
  | 'calls-1'
  | 'stream'
  | 'stream-async'
  | 'one-per-tick'
  | 'broadcast'
  | 'broadcast-100'
  | 'publish'
  | 'publish-100'
  | 'paced'
  | `size-${(typeof sizes)[number]}`;

/** Sizes of messages whose cost is compared, bytes. */
export const sizes = [100, 1_000, 10_000, 100_000, 1_000_000] as const;

/** Everything that is measured as CPU per operation, by name. */
export const workloads: Readonly<Record<WorkloadName, Workload>> = {
  messages,
  feed,
  'calls-64': calls(64),
  'calls-1024': calls(1_024),
  'calls-1': calls(1),
  stream,
  'stream-async': asyncStream,
  'one-per-tick': messagesOnePerTick,
  broadcast: broadcast(1, 20),
  'broadcast-100': broadcast(100, 1),
  publish: publish(1, 20),
  'publish-100': publish(100, 1),
  paced,
  'size-100': sizedMessages(100),
  'size-1000': sizedMessages(1_000),
  'size-10000': sizedMessages(10_000),
  'size-100000': sizedMessages(100_000),
  'size-1000000': sizedMessages(1_000_000),
};
