import type { AdapterName } from '../compare/adapters.ts';
import type { ConnectOptions, ServeOptions } from '../compare/adapter.ts';
import type { Workload } from '../macro/workload.ts';
import { workloads, type WorkloadName } from '../macro/workloads.ts';
import { quantile } from '../measure/statistics.ts';
import type { Areas } from '../profile/areas.ts';
import type { ClientRound } from './client-process.ts';
import { Worker } from './rpc.ts';
import type { Usage } from './usage.ts';

/** One round of one contestant; times in microseconds per operation. */
export interface Round {
  /** Of both processes. */
  readonly cpu: number;
  readonly serverCpu: number;
  /** Of both main threads. */
  readonly main: number;
  readonly serverMain: number;
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
/** So long, and so many operations unless they take too long, until V8 has compiled what is hot; microseconds. */
const warmUp = { time: 1_000_000, operations: 60_000, atMost: 4_000_000 };
/** What a link does once, when it has lasted, is done before the first round, milliseconds. */
const stableAfter = 500;
/** Often enough that a probe is no news when the first round begins, milliseconds; seldom enough to cost nothing. */
const heartbeatEvery = 1_000;

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

  async listen(options: ServeOptions = {}): Promise<void> {
    this.#port = await this.#server.ask<number>('serve', options);
  }

  /** Connects, then runs until the code is compiled and a round is long enough. */
  async warmUp(): Promise<void> {
    const { step, perUnit = 1, connections } = this.#workload;
    await this.listen(connections === 1 ? { heartbeatEvery } : {});
    await this.open(connections, { stableAfter });
    let spent = 0;
    let done = 0;
    for (let i = 0; i < 4 || spent < (done < warmUp.operations ? warmUp.atMost : warmUp.time); i += 1) {
      const count = this.#count;
      const { wall } = await this.round();
      spent += wall * count * perUnit;
      done += count * perUnit;
      const wanted = Math.min(roundTime / (wall * perUnit), count * 8);
      this.#count = Math.max(1, Math.round(wanted / step)) * step;
    }
  }

  /** Opens so many connections more; figures per connection. */
  async open(count: number, options: ConnectOptions = {}): Promise<Round> {
    await this.#server.ask('begin');
    const client = await this.#client.ask<Usage>('open', { port: this.#port, count, options });
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

  async startProfile(): Promise<void> {
    await this.#server.ask('startProfile');
    await this.#client.ask('startProfile');
  }

  /** How the time of both main threads was divided since. */
  async stopProfile(): Promise<{ server: Areas; client: Areas }> {
    return {
      server: await this.#server.ask<Areas>('stopProfile'),
      client: await this.#client.ask<Areas>('stopProfile'),
    };
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
    main: (client.main + server.main) / operations,
    serverMain: server.main / operations,
    wall: client.wall / operations,
  };
}
