import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until, within } from '../until.ts';
import type { Order, Report, Settings } from './messages.ts';

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** One end of the soak test in a process of its own. */
export class SoakChild {
  /** Everything it must not have done, in words. */
  readonly faults: string[] = [];
  /** Resolves with the exit code, or the signal's name. */
  readonly exit: Promise<number | string>;
  readonly #latest = new Map<Report['type'], Report>();
  readonly #process: ChildProcess;
  readonly #name: string;

  constructor(name: 'client' | 'server', settings: Settings) {
    this.#name = name;
    this.#process = fork(script(`./${name}.ts`), [JSON.stringify(settings)], {
      execArgv: ['--import', new URL('../sources.ts', import.meta.url).href],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    // The products are silent unless something is wrong.
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream
        ?.setEncoding('utf8')
        .on('data', (text: string) => this.faults.push(`${name} printed: ${text.slice(0, 2_000)}`));
    }
    this.#process.on('message', (report: Report) => {
      if (report.type === 'fault') this.faults.push(`${name}: ${report.what}`);
      else this.#latest.set(report.type, report);
    });
    this.exit = new Promise((resolve) => {
      this.#process.once('exit', (code, signal) => resolve(code ?? signal ?? 'gone'));
    });
  }

  /** The latest report of one type; waits for the first. */
  async report<T extends Report['type']>(type: T, ms = 10_000): Promise<Extract<Report, { type: T }>> {
    await until(
      `the ${this.#name} reports "${type}"`,
      () => this.latest(type) !== undefined,
      ms,
      () => this.faults,
    );
    return this.latest(type) as Extract<Report, { type: T }>;
  }

  /** The latest report of one type, if there was one. */
  latest<T extends Report['type']>(type: T): Extract<Report, { type: T }> | undefined {
    return this.#latest.get(type) as Extract<Report, { type: T }> | undefined;
  }

  order(order: Order): void {
    this.#process.send(order);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.exit;
  }

  /** Waits until it has ended by itself, which it does only if it left nothing open. */
  ended(ms = 5_000): Promise<number | string> {
    return within(`the ${this.#name} process ends by itself`, this.exit, ms);
  }
}
