import type { AdapterName } from './compare/adapters.ts';
import { interleave, type Rounds } from './harness/interleave.ts';
import type { Round } from './harness/pair.ts';
import type { WorkloadName } from './macro/workloads.ts';
import { openConnections } from './macro/connections.ts';
import { soak } from './macro/soak.ts';
import { compared, type Outcome } from './measure/outcome.ts';
import type { RunOptions } from './measure/run-options.ts';

/** Something that can be run by name and fills one or more rows. */
export type Experiment = (options: RunOptions) => Promise<readonly Outcome[]>;

const ours: readonly AdapterName[] = ['floor', 'batched', 'hawser'];
/** With the least that does what we promise. */
const withLimit: readonly AdapterName[] = ['floor', 'batched', 'promised', 'hawser'];
const talking: readonly AdapterName[] = ['rpc-websockets', 'socket.io', 'capnweb', 'orpc', 'trpc', 'graphql-ws'];
const streaming: readonly AdapterName[] = ['socket.io', 'capnweb', 'orpc', 'trpc', 'graphql-ws'];
const everybody: readonly AdapterName[] = ['partysocket', 'rxjs', ...talking];

/** Everything there is to run, in order. */
export const experiments: Readonly<Record<string, Experiment>> = {
  messages: withMsgpack('messages', everybody),
  feed: withMsgpack('feed', everybody),
  'calls-64': withMsgpack('calls-64', talking),
  'calls-1024': async ({ rounds }) => [
    cpuOf('calls-1024', await interleave('calls-1024', ['floor', 'batched', 'hawser-wide'], rounds)),
  ],
  'calls-1': async ({ rounds, peers }) => {
    const names = [...withLimit, ...(peers ? talking : [])];
    const taken = await interleave('calls-1', names, rounds);
    return [
      compared(
        'calls-1',
        'µs',
        'floor',
        figures(taken, ({ p50 }) => p50 as number),
      ),
    ];
  },
  stream: async ({ rounds, peers }) => {
    const names: AdapterName[] = [...ours, 'hawser-wide', ...(peers ? streaming : [])];
    return [cpuOf('stream', await interleave('stream', names, rounds))];
  },
  'stream-async': async ({ rounds }) => [
    cpuOf('stream-async', await interleave('stream-async', [...ours, 'hawser-wide'], rounds)),
  ],
  'one-per-tick': async ({ rounds, peers }) => [
    cpuOf('one-per-tick', await interleave('one-per-tick', [...ours, ...withSocketIo(peers)], rounds)),
  ],
  broadcast: fanOut('broadcast', ['socket.io', 'trpc', 'graphql-ws']),
  'broadcast-100': fanOut('broadcast-100', ['socket.io']),
  // Others broadcast over a subscription that every client holds: theirs is the figure above.
  publish: fanOut('publish', ['socket.io']),
  'publish-100': fanOut('publish-100', ['socket.io']),
  connections: ({ peers }) => openConnections(['floor', 'promised', 'hawser', ...withSocketIo(peers)]),
  soak: () => soak(['floor', 'hawser']),
  page: async (options) => (await import('./browser/experiment.ts')).pageExperiment(options),
};

function withMsgpack(workload: WorkloadName, others: readonly AdapterName[]): Experiment {
  return async ({ rounds, peers }) => {
    const names: AdapterName[] = [...withLimit, 'hawser-msgpack', ...(peers ? others : [])];
    const taken = await interleave(workload, names, rounds);
    const cpu = figures(taken, (round) => round.cpu);
    const both = new Map([...cpu].filter(([name]) => name.startsWith('hawser')));
    return [cpuOf(workload, taken), compared(`${workload}-msgpack`, 'µs', 'hawser', both)];
  };
}

/** What the server needs for each recipient. */
function fanOut(workload: WorkloadName, others: readonly AdapterName[]): Experiment {
  return async ({ rounds, peers }) => {
    const taken = await interleave(workload, [...ours, ...(peers ? others : [])], rounds);
    const perRecipient = figures(taken, ({ serverCpu }) => serverCpu);
    return [compared(workload, 'µs', 'floor', perRecipient)];
  };
}

function withSocketIo(peers: boolean): readonly AdapterName[] {
  return peers ? ['socket.io'] : [];
}

function cpuOf(row: string, taken: Rounds): Outcome {
  return compared(
    row,
    'µs',
    'floor',
    figures(taken, ({ cpu }) => cpu),
  );
}

function figures(taken: Rounds, pick: (round: Round) => number): Map<string, number[]> {
  return new Map([...taken].map(([name, rounds]) => [name, rounds.map(pick)]));
}
