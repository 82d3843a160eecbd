import type { ServeOptions, Serving } from '../compare/adapter.ts';
import { adapters, type AdapterName } from '../compare/adapters.ts';
import { readingOf, type Reading } from '../compare/reading.ts';
import { answerParent } from '../harness/rpc.ts';
import { heapAfterCollection, markUsage, type Usage } from '../harness/usage.ts';
import { unexpected } from '../macro/workload.ts';
import { wallClock, type Memory } from './clock.ts';

/** What a server is to tell: numbered from 0, `together` in one tick, in `apart` ticks. */
export interface Telling {
  readonly together: number;
  readonly apart: number;
  /** Topics that get each message; everybody gets it when there are none. */
  readonly topics: readonly string[];
}

const [adapterName] = process.argv.slice(2) as [AdapterName];
const adapter = await adapters[adapterName]();

let serving: Serving;
let inbound = 0;
let validatedBefore = 0;
let used: () => Usage = markUsage();

function tell(reading: Reading, topics: readonly string[]): void {
  if (topics.length === 0) serving.broadcast?.(reading);
  for (const topic of topics) serving.publish?.(topic, reading);
}

answerParent({
  async serve(options: ServeOptions) {
    serving = await adapter.serve(
      {
        received: unexpected,
        answer(reading) {
          inbound += 1;
          return { ...reading, at: reading.at + 1 };
        },
        items: unexpected,
      },
      options,
    );
    return serving.port;
  },
  /** Resolves with the time at which it began to tell. */
  async tell({ together, apart, topics }: Telling): Promise<number> {
    const began = wallClock();
    let n = 0;
    for (let tick = 0; tick < apart; tick += 1) {
      for (const end = n + together; n < end; n += 1) tell(readingOf(n), topics);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return began;
  },
  begin() {
    inbound = 0;
    validatedBefore = adapter.validated?.() ?? 0;
    used = markUsage();
  },
  end(): Usage {
    const usage = used();
    const checked = (adapter.validated?.() ?? 0) - validatedBefore;
    if (adapter.validated !== undefined && checked !== inbound) {
      throw new Error(`${checked} payloads were validated, and ${inbound} arrived`);
    }
    return usage;
  },
  async memory(): Promise<Memory> {
    return { heap: await heapAfterCollection(), rss: process.memoryUsage().rss };
  },
});
