import { fork, type ChildProcess } from 'node:child_process';

type Methods = Record<string, (argument: never) => unknown>;
interface Request {
  readonly method: string;
  readonly argument: unknown;
}
type Reply = { readonly value: unknown } | { readonly error: string };

/** Answers requests of the parent process, one after the other. */
export function answerParent(methods: Methods): void {
  const failed = (error: unknown): void => {
    process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) } satisfies Reply);
  };
  // What goes wrong inside a library's callback belongs to the round under way.
  process.on('uncaughtException', failed);
  process.on('unhandledRejection', failed);
  process.on('disconnect', () => process.exit());
  process.on('message', ({ method, argument }: Request) => {
    Promise.resolve()
      .then(() => methods[method]?.(argument as never))
      .then((value) => process.send?.({ value } satisfies Reply), failed);
  });
}

/** A process of ours that answers requests. */
export class Worker {
  readonly #child: ChildProcess;
  readonly #name: string;
  #settle: ((reply: Reply) => void) | undefined;
  #failure: string | undefined;

  constructor(file: URL, name: string, args: readonly string[], execArgv: readonly string[]) {
    this.#name = name;
    this.#child = fork(file, args, {
      execArgv: [...execArgv],
      serialization: 'advanced',
      // A peer brings native masking along, which most users of `ws` do not have.
      env: { ...process.env, WS_NO_BUFFER_UTIL: '1' },
    });
    this.#child.on('message', (reply: Reply) => this.#replied(reply));
    this.#child.on('exit', (code) => this.#replied({ error: `exited with ${code}` }));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async ask<T>(method: string, argument?: unknown, patience = 60_000): Promise<T> {
    if (this.#failure !== undefined) throw new Error(`${this.#name}: ${this.#failure}`);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const reply = await new Promise<Reply>((resolve) => {
      this.#settle = resolve;
      timer = setTimeout(() => resolve({ error: `no answer to ${method} within ${patience} ms` }), patience);
      this.#child.send({ method, argument } satisfies Request);
    });
    clearTimeout(timer);
    if ('error' in reply) throw new Error(`${this.#name}: ${reply.error}`);
    return reply.value as T;
  }

  /** Ends the process and waits for it. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    // Not killed: a profile is written on the way out.
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await gone;
    clearTimeout(timer);
  }

  /** Ends the process as a crash would. */
  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await gone;
  }

  #replied(reply: Reply): void {
    const settle = this.#settle;
    this.#settle = undefined;
    if (settle !== undefined) settle(reply);
    else if ('error' in reply) this.#failure = reply.error;
  }
}
