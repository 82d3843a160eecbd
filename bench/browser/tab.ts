import { existsSync } from 'node:fs';
import { chromium, type Browser, type CDPSession, type Page } from 'playwright';
import { Worker } from '../harness/rpc.ts';
import type { RoundNotes } from '../macro/workload.ts';
import { workloads, type WorkloadName } from '../macro/workloads.ts';
import type { PageBench } from './page.ts';

declare const bench: PageBench;

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  // The page is made up here, so the browser takes it for one from elsewhere that reaches into this machine.
  '--disable-features=LocalNetworkAccessChecks',
];

/** How long a round may take, milliseconds. */
export const patience = 20_000;

/** Where Chromium is, if it is. */
export function findChromium(): string | undefined {
  const path = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
  return existsSync(path) ? path : undefined;
}

/** One browser with one page, connected to a server process of its own: nothing else runs in its renderer. */
export class Tab {
  readonly name: string;
  readonly #workload: WorkloadName;
  readonly #server: Worker;
  readonly #script: string;
  #browser: Browser | undefined;
  #system: CDPSession | undefined;
  #page: Page | undefined;
  #count: number;
  #failed: Promise<never> | undefined;

  constructor(name: string, workload: WorkloadName, script: string) {
    this.name = name;
    this.#workload = workload;
    this.#script = script;
    this.#count = workloads[workload].start;
    const file = new URL('../harness/server-process.ts', import.meta.url);
    this.#server = new Worker(file, `${name} server`, [name, workload], []);
  }

  async open(executablePath: string): Promise<void> {
    const port = await this.#server.ask<number>('serve');
    this.#browser = await chromium.launch({ executablePath, args });
    this.#system = await this.#browser.newBrowserCDPSession();
    this.#page = await this.#browser.newPage();
    const page = this.#page;
    // What a listener throws reaches nobody else.
    this.#failed = new Promise((_, reject) => page.once('pageerror', reject));
    this.#failed.catch(() => undefined);
    // The page's origin is the server's, as in production.
    const url = `http://127.0.0.1:${port}/bench`;
    await this.#page.route(url, (route) =>
      route.fulfill({ contentType: 'text/html', body: `<!doctype html><body><script>${this.#script}</script>` }),
    );
    await this.#page.goto(url);
    const [name, workload] = [this.name, this.#workload];
    await this.#page.evaluate(([name, workload, port]) => bench.connect(name, workload, port), [
      name,
      workload,
      port,
    ] as const);
  }

  /** One round; CPU of the renderer process in microseconds per operation. */
  async round(count: number = this.#count): Promise<{ cpu: number; wall: number; notes: RoundNotes }> {
    await this.#server.ask('begin');
    const began = performance.now();
    const before = await this.#cpu();
    const page = this.#page as Page;
    const notes = await Promise.race([
      page.evaluate((count) => bench.run(count), count),
      this.#failed as Promise<never>,
      this.#late(),
    ]);
    const cpu = (await this.#cpu()) - before;
    const wall = (performance.now() - began) * 1_000;
    await this.#server.ask('end');
    return { cpu: cpu / count, wall: wall / count, notes };
  }

  /** Runs until a round takes about `wanted` milliseconds. */
  async warmUp(wanted: number): Promise<void> {
    const { step } = workloads[this.#workload];
    for (let i = 0; i < 5; i += 1) {
      const { wall } = await this.round();
      const next = Math.min((wanted * 1_000) / wall, this.#count * 8);
      this.#count = Math.max(1, Math.round(next / step)) * step;
    }
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    await this.#server.stop();
  }

  async #late(): Promise<never> {
    await new Promise((resolve) => setTimeout(resolve, patience).unref());
    throw new Error(`${this.name}: the page did not finish ${this.#workload} within ${patience} ms`);
  }

  /** CPU time of all renderers of this browser so far, microseconds; the kernel counts in steps of 10 ms. */
  async #cpu(): Promise<number> {
    const info = await this.#system?.send('SystemInfo.getProcessInfo');
    const renderers = info?.processInfo.filter(({ type }) => type === 'renderer') ?? [];
    return renderers.reduce((sum, { cpuTime }) => sum + cpuTime * 1e6, 0);
  }
}
