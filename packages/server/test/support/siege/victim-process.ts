import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { within } from '../until.ts';
import type { VictimMeasure, VictimReport } from './messages.ts';

/** The attacked process, as the test holds it; it has 96 MB of heap and dies beyond. */
export class VictimProcess {
  /** Of its server. */
  readonly port: number;
  /** What it printed: the products are silent unless something is wrong. */
  readonly printed: string[];
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, port: number, printed: string[]) {
    this.#process = process;
    this.port = port;
    this.printed = printed;
  }

  static async start(): Promise<VictimProcess> {
    const printed: string[] = [];
    const child = fork(fileURLToPath(new URL('./victim.ts', import.meta.url)), [], {
      // Garbage that was not collected yet is not what is looked for.
      execArgv: [
        ...['--expose-gc', '--max-old-space-size=96', '--max-semi-space-size=2'],
        ...['--import', new URL('../sources.ts', import.meta.url).href],
      ],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => printed.push(text.slice(0, 2_000)));
    const [report] = (await within('the victim starts', once(child, 'message'), 15_000)) as [VictimReport];
    if (report.type !== 'ready') throw new Error(`The victim began with ${report.type}.`);
    return new VictimProcess(child, report.port, printed);
  }

  /** Its client dials, in place of the one before. */
  dial(url: string): void {
    this.#process.send({ type: 'dial', url });
  }

  async measure(): Promise<VictimMeasure> {
    this.#process.send({ type: 'measure' });
    const [report] = (await within('the victim answers', once(this.#process, 'message'), 15_000)) as [VictimReport];
    if (report.type !== 'measured') throw new Error(`The victim said ${report.type}.`);
    return report;
  }

  async stop(): Promise<void> {
    const exit = once(this.#process, 'exit');
    this.#process.disconnect();
    await exit;
  }
}
