import type { Connection, ConnectOptions } from '../compare/adapter.ts';
import { adapters, type AdapterName } from '../compare/adapters.ts';
import type { Reading } from '../compare/reading.ts';
import type { RoundNotes } from '../macro/workload.ts';
import { workloads, type WorkloadName } from '../macro/workloads.ts';
import { MainThreadProfiler } from './profiler.ts';
import { answerParent } from './rpc.ts';
import { heapAfterCollection, markUsage, type Usage } from './usage.ts';

/** What a client tells of one round. */
export interface ClientRound extends Usage {
  readonly notes: RoundNotes;
}

/** Connections that are being opened at once. */
const dials = 50;

const [adapterName, workloadName] = process.argv.slice(2) as [AdapterName, WorkloadName];
const adapter = await adapters[adapterName]();
const workload = workloads[workloadName];
const profiler = new MainThreadProfiler();

const connections: Connection[] = [];
let dialled = 0;
let inbound = 0;
let listener: (reading: Reading, connection: number) => void = () => undefined;

async function connect(port: number, options: ConnectOptions): Promise<void> {
  // Before the await: whoever dials at the same time has another place.
  const at = dialled;
  dialled += 1;
  const heard = (reading: Reading): void => {
    inbound += 1;
    listener(reading, at);
  };
  const connection = await adapter.connect(port, heard, options);
  connections[at] = connection;
  if (workload.topic !== undefined) await (connection as Required<Connection>).subscribe(workload.topic);
}

answerParent({
  async open({ port, count, options }: { port: number; count: number; options: ConnectOptions }): Promise<Usage> {
    const used = markUsage();
    let left = count;
    async function lane(): Promise<void> {
      while (left > 0) {
        left -= 1;
        await connect(port, options);
      }
    }
    await Promise.all(Array.from({ length: Math.min(dials, count) }, lane));
    return used();
  },
  async run(count: number): Promise<ClientRound> {
    inbound = 0;
    const validated = adapter.validated?.() ?? 0;
    const used = markUsage();
    const notes = (await workload.run({ connections, onPush: (next) => (listener = next) }, count)) ?? {};
    const usage = used();
    if (adapter.validated !== undefined) {
      const expected = inbound + (notes.arrived ?? 0);
      const checked = adapter.validated() - validated;
      if (checked !== expected) throw new Error(`${checked} payloads were validated, and ${expected} arrived`);
    }
    return { ...usage, notes };
  },
  startProfile: () => profiler.start(),
  stopProfile: () => profiler.stop(),
  heap: heapAfterCollection,
});
