import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const resolveSources = new URL('resolve-sources.ts', import.meta.url).href;
/** Milliseconds a child gets to end by itself. */
const patience = 5_000;

/** What a child tells its parent. */
export type ChildReport =
  | { readonly type: 'ready'; readonly port?: number }
  | { readonly type: 'sent'; readonly n: number }
  /** It cannot run; said in a sentence for the person who started it. */
  | { readonly type: 'failed'; readonly why: string };

/** How a child is started. */
export interface ChildOptions {
  /** Added to this process's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
  readonly onReport?: (report: ChildReport) => void;
  /** Called when it ends without having been asked to. */
  readonly onCrash: (why: string) => void;
}

/** A process of this example, run by the same Node as this one. */
export class Child {
  readonly #process: ChildProcess;
  readonly #name: string;
  #stopping = false;
  #failure: string | undefined;

  constructor(file: URL, { env, nodeOptions = [], onReport, onCrash }: ChildOptions) {
    this.#name = fileURLToPath(file).split(/[/\\]/).at(-2) ?? 'child';
    this.#process = fork(file, {
      env: { ...process.env, ...env },
      execArgv: ['--import', resolveSources, ...nodeOptions],
    });
    this.#process.on('message', (report: ChildReport) => {
      if (report.type === 'failed') this.#failure = report.why;
      onReport?.(report);
    });
    this.#process.once('exit', (code, signal) => {
      if (!this.#stopping) onCrash(this.#failure ?? `The ${this.#name} ended by itself (${signal ?? `code ${code}`}).`);
    });
  }

  /** Resolves with the port it listens on, if any, once it says it is ready. Never settles when it crashes first. */
  async ready(): Promise<number | undefined> {
    for (;;) {
      const [report] = (await once(this.#process, 'message')) as [ChildReport];
      if (report.type === 'ready') return report.port;
    }
  }

  /** Asks it to end, and insists after a while. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, 'exit');
    const insist = setTimeout(() => this.#process.kill('SIGKILL'), patience);
    // The end of the channel is the request: it also comes when this process dies without a word.
    if (this.#process.connected) this.#process.disconnect();
    await exit;
    clearTimeout(insist);
  }
}
