import type { Application, ServeOptions, Serving } from '../compare/adapter.ts';
import { adapters, type AdapterName } from '../compare/adapters.ts';
import { unexpected } from '../macro/workload.ts';
import { workloads, type WorkloadName } from '../macro/workloads.ts';
import { MainThreadProfiler } from './profiler.ts';
import { answerParent } from './rpc.ts';
import { heapAfterCollection, markUsage, type Usage } from './usage.ts';

const [adapterName, workloadName] = process.argv.slice(2) as [AdapterName, WorkloadName];
const adapter = await adapters[adapterName]();
const workload = workloads[workloadName];
const profiler = new MainThreadProfiler();

let app: Partial<Application>;
let serving: Serving;
let inbound = 0;
let validated = 0;
let used: () => Usage;

answerParent({
  async serve(options: ServeOptions) {
    serving = await adapter.serve(
      {
        received(reading, from) {
          inbound += 1;
          (app.received ?? unexpected)(reading, from);
        },
        answer(reading) {
          inbound += 1;
          return (app.answer ?? unexpected)(reading);
        },
        items(reading) {
          inbound += 1;
          return (app.items ?? unexpected)(reading);
        },
      },
      options,
    );
    return serving.port;
  },
  begin() {
    app = workload.serve(() => serving);
    inbound = 0;
    validated = adapter.validated?.() ?? 0;
    used = markUsage();
  },
  end() {
    const usage = used();
    if (adapter.validated !== undefined) {
      const checked = adapter.validated() - validated;
      if (checked !== inbound) throw new Error(`${checked} payloads were validated, and ${inbound} arrived`);
    }
    return usage;
  },
  startProfile: () => profiler.start(),
  stopProfile: () => profiler.stop(),
  heap: heapAfterCollection,
});
