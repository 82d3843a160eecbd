import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { FaultProxy } from '../fault-proxy.ts';
import type { ClientFigures, ClientTask, RunFigures } from './figures.ts';

/** The link and what goes over it. */
export interface BulkRun {
  /** Bytes to upload. */
  readonly size: number;
  /** Bytes a second, each way. */
  readonly rate: number;
  /** Milliseconds, each way. */
  readonly delay: number;
  /** Acknowledged bytes after which the link is cut. */
  readonly cutAt: readonly number[];
}

/** Uploads once, from one process to another, over a link that this process makes slow, far and unreliable. */
export async function runBulk({ size, rate, delay, cutAt }: BulkRun): Promise<RunFigures> {
  const server = start('server.ts');
  const [{ port }] = (await once(server, 'message')) as [{ port: number }];
  const proxy = await FaultProxy.start({ target: port });
  for (const direction of [proxy.up, proxy.down]) {
    direction.delay(delay);
    direction.rate(rate);
  }
  const task: ClientTask = { port: proxy.port, size };
  const client = start('client.ts', JSON.stringify(task));
  const cuts = [...cutAt];
  const done = new Promise<ClientFigures>((resolve, reject) => {
    client.on('message', (report: { acked?: number; figures?: ClientFigures }) => {
      if (report.figures) resolve(report.figures);
      const [next = Number.POSITIVE_INFINITY] = cuts;
      if (report.acked === undefined || report.acked < next) return;
      cuts.shift();
      proxy.rst();
    });
    client.once('exit', (code) => reject(new Error(`the client's process ended with ${code}`)));
  });
  try {
    const figures = await done;
    server.send('finish');
    const [{ slowest }] = (await once(server, 'message')) as [{ slowest: number }];
    return { ...figures, heartbeat: Math.max(figures.heartbeat, slowest), cuts: cutAt.length - cuts.length };
  } finally {
    await Promise.all([ended(client), ended(server)]);
    await proxy.close();
  }
}

function start(name: string, ...args: string[]): ChildProcess {
  return fork(fileURLToPath(new URL(name, import.meta.url)), args, {
    execArgv: ['--import', new URL('../sources.ts', import.meta.url).href],
  });
}

/** Gives a process a moment to end by itself. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await once(child, 'exit');
  clearTimeout(timer);
}
