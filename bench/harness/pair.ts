import type { AdapterName } from '../compare/adapters.ts';
import type { Workload } from '../macro/workload.ts';
import { workloads, type WorkloadName } from '../macro/workloads.ts';
import { quantile } from '../measure/statistics.ts';
import type { ClientRound } from './client-process.ts';
import { Worker } from './rpc.ts';
import type { Usage } from './usage.ts';

/** One round of one contestant; times in microseconds per operation. */
export interface Round {
  /** Of both processes. */
  readonly cpu: number;
  readonly serverCpu: number;
  readonly wall: number;
  /** Median latency of one operation, where the workload takes it. */
  readonly p50?: number;
}

/** Heap in use, bytes. */
export interface Heaps {
  readonly server: number;
  readonly client: number;
}

/** Longer than the jitter of the CPU clock, short enough for many rounds; microseconds. */
const roundTime = 150_000;
/** So long until the optimising compiler has seen everything, microseconds. */
const warmUpTime = 1_000_000;

/** A server process and a client process of one library, doing one workload. */
export class Pair {
  readonly name: AdapterName;
  readonly #workload: Workload;
  readonly #server: Worker;
  readonly #client: Worker;
  #port = 0;
  #count: number;

  constructor(name: AdapterName, workload: WorkloadName, execArgv: readonly string[] = []) {
    this.name = name;
    this.#workload = workloads[workload];
    this.#count = this.#workload.start;
    const start = (role: 'server' | 'client'): Worker =>
      new Worker(new URL(`${role}-process.ts`, import.meta.url), `${name} ${role}`, [name, workload], execArgv);
    this.#server = start('server');
    this.#client = start('client');
  }

  async listen(): Promise<void> {
    this.#port = await this.#server.ask<number>('serve');
  }

  /** Connects, then runs until the code is compiled and a round is long enough. */
  async warmUp(): Promise<void> {
    await this.listen();
    const { step, perUnit = 1, connections } = this.#workload;
    await this.open(connections);
    let spent = 0;
    for (let i = 0; i < 4 || spent < warmUpTime; i += 1) {
      const count = this.#count;
      const { wall } = await this.round();
      spent += wall * count * perUnit;
      const wanted = Math.min(roundTime / (wall * perUnit), count * 8);
      this.#count = Math.max(1, Math.round(wanted / step)) * step;
    }
  }

  /** Opens so many connections more; figures per connection. */
  async open(count: number): Promise<Round> {
    await this.#server.ask('begin');
    const client = await this.#client.ask<Usage>('open', { port: this.#port, count });
    return figuresOf(client, await this.#server.ask<Usage>('end'), count);
  }

  /** One round of the workload, with a fixed number of units if one is given. */
  async round(count: number = this.#count): Promise<Round> {
    const { perUnit = 1 } = this.#workload;
    await this.#server.ask('begin');
    const client = await this.#client.ask<ClientRound>('run', count);
    const server = await this.#server.ask<Usage>('end');
    const { latencies = [] } = client.notes;
    const figures = figuresOf(client, server, count * perUnit);
    return latencies.length === 0 ? figures : { ...figures, p50: quantile(latencies, 0.5) };
  }

  async heaps(): Promise<Heaps> {
    return { server: await this.#server.ask<number>('heap'), client: await this.#client.ask<number>('heap') };
  }

  async stop(): Promise<void> {
    await this.#client.stop();
    await this.#server.stop();
  }
}

function figuresOf(client: Usage, server: Usage, operations: number): Round {
  return {
    cpu: (client.cpu + server.cpu) / operations,
    serverCpu: server.cpu / operations,
    wall: client.wall / operations,
  };
}
