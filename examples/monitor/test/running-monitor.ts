import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../', import.meta.url));

/** The whole example as a child process, started the way `npm start` does. */
export class RunningMonitor {
  readonly #process: ChildProcess;
  #output = '';
  #waiting: (() => void)[] = [];

  constructor(env: Readonly<Record<string, string>>) {
    this.#process = spawn(process.execPath, ['start.ts'], { cwd: folder, env: { ...process.env, ...env } });
    const read = (chunk: Buffer): void => {
      this.#output += chunk.toString();
      this.#wake();
    };
    this.#process.stdout?.on('data', read);
    this.#process.stderr?.on('data', read);
    this.#process.on('exit', () => this.#wake());
  }

  /** Everything it and its children have printed. */
  get output(): string {
    return this.#output;
  }

  /** Resolves with what the pattern captures once it was printed. @throws Error when it ends before */
  async printed(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match) return match[1] ?? match[0];
      if (this.#process.exitCode !== null || this.#process.signalCode !== null) {
        throw new Error(`The monitor ended without printing ${pattern}:\n${this.#output}`);
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Presses Ctrl-C, unless it has ended; resolves with the exit code. */
  async stop(): Promise<number | null> {
    if (this.#process.exitCode === null && this.#process.kill('SIGINT')) return this.exit();
    return this.#process.exitCode;
  }

  /** Resolves with the exit code when it ends. */
  async exit(): Promise<number | null> {
    if (this.#process.exitCode !== null) return this.#process.exitCode;
    const [code] = (await once(this.#process, 'exit')) as [number | null];
    return code;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
