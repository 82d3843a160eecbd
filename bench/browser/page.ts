// Runs in the page: the same client halves as in Node, over the browser's socket.
import type { Connection } from '../compare/adapter.ts';
import type { Reading } from '../compare/reading.ts';
import type { RoundNotes } from '../macro/workload.ts';
import { workloads, type WorkloadName } from '../macro/workloads.ts';
import { pageClients } from './page-clients.ts';

/** What the page offers to whoever drives it. */
export interface PageBench {
  connect(client: string, workload: WorkloadName, port: number): Promise<void>;
  run(count: number): Promise<RoundNotes>;
}

const channel = new MessageChannel();
const turns: (() => void)[] = [];
channel.port1.addEventListener('message', () => turns.shift()?.());
channel.port1.start();
// Workloads take turns of the event loop, which pages have under another name.
(globalThis as { setImmediate?: unknown }).setImmediate = (fn: () => void) => {
  turns.push(fn);
  channel.port2.postMessage(0);
};

let workload: WorkloadName;
let connection: Connection;
let validated: (() => number) | undefined;
let inbound = 0;
let latest: Reading | undefined;
let listener: (reading: Reading, connection: number) => void = () => undefined;

const shown = document.body.appendChild(document.createElement('output'));
function draw(): void {
  if (latest !== undefined) shown.textContent = `${latest.n}: ${latest.celsius}`;
  latest = undefined;
  requestAnimationFrame(draw);
}
draw();

(globalThis as { bench?: PageBench }).bench = {
  async connect(name, work, port) {
    const client = pageClients[name];
    if (client === undefined) throw new Error(`no page client ${name}`);
    workload = work;
    validated = client.validated;
    connection = await client.connect(port, (reading) => {
      inbound += 1;
      latest = reading;
      listener(reading, 0);
    });
  },
  async run(count) {
    const work = workloads[workload];
    inbound = 0;
    const before = validated?.() ?? 0;
    const notes = (await work.run({ connections: [connection], onPush: (next) => (listener = next) }, count)) ?? {};
    const checked = (validated?.() ?? 0) - before;
    const expected = inbound + (notes.arrived ?? 0);
    if (validated !== undefined && checked !== expected) {
      throw new Error(`${checked} payloads were validated, and ${expected} arrived`);
    }
    return notes;
  },
};
