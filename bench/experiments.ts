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
const talking: readonly AdapterName[] = ['rpc-websockets', 'socket.io', 'capnweb', 'orpc', 'trpc', 'graphql-ws'];
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
    const names = [...ours, ...(peers ? talking : [])];
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
  'one-per-tick': async ({ rounds, peers }) => [
    cpuOf('one-per-tick', await interleave('one-per-tick', [...ours, ...withSocketIo(peers)], rounds)),
  ],
  broadcast: async ({ rounds, peers }) => {
    const others: readonly AdapterName[] = peers ? ['socket.io', 'trpc', 'graphql-ws'] : [];
    const taken = await interleave('broadcast', [...ours, ...others], rounds);
    return [
      compared(
        'broadcast',
        'µs',
        'floor',
        figures(taken, ({ serverCpu }) => serverCpu),
      ),
    ];
  },
  'broadcast-100': async ({ rounds, peers }) => {
    const taken = await interleave('broadcast-100', [...ours, ...withSocketIo(peers)], rounds);
    return [
      compared(
        'broadcast-100',
        'µs',
        'floor',
        figures(taken, ({ serverCpu }) => serverCpu),
      ),
    ];
  },
  connections: ({ peers }) => openConnections(['floor', 'hawser', ...withSocketIo(peers)]),
  soak: () => soak(['floor', 'hawser']),
  page: async (options) => (await import('./browser/experiment.ts')).pageExperiment(options),
};

function withMsgpack(workload: WorkloadName, others: readonly AdapterName[]): Experiment {
  return async ({ rounds, peers }) => {
    const names: AdapterName[] = [...ours, 'hawser-msgpack', ...(peers ? others : [])];
    const taken = await interleave(workload, names, rounds);
    const cpu = figures(taken, (round) => round.cpu);
    const both = new Map([...cpu].filter(([name]) => name.startsWith('hawser')));
    return [cpuOf(workload, taken), compared(`${workload}-msgpack`, 'µs', 'hawser', both)];
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
