import { broadcast } from './broadcast.ts';
import { calls } from './calls.ts';
import { feed } from './feed.ts';
import { messages, messagesOnePerTick } from './messages.ts';
import { paced } from './paced.ts';
import type { Workload } from './workload.ts';

export type WorkloadName =
  | 'messages'
  | 'feed'
  | 'calls-64'
  | 'calls-1024'
  | 'calls-1'
  | 'one-per-tick'
  | 'broadcast'
  | 'broadcast-100'
  | 'paced';

/** Everything that is measured as CPU per operation, by name. */
export const workloads: Readonly<Record<WorkloadName, Workload>> = {
  messages,
  feed,
  'calls-64': calls(64),
  'calls-1024': calls(1_024),
  'calls-1': calls(1),
  'one-per-tick': messagesOnePerTick,
  broadcast: broadcast(1, 20),
  'broadcast-100': broadcast(100, 1),
  paced,
};
