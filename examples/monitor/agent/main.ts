// A second process on the same contract: follows the samples with RxJS and answers what the service asks.
import { createClient } from '@hawser/core';
import { toRx } from '@hawser/rx';
import { distinctUntilChanged, map, pairwise } from 'rxjs';
import { type Identity, monitor } from '../contract.ts';
import { report, stopWithParent } from '../harness/parent.ts';
import { RunningNumber } from '../running-number.ts';
import { agentCommands, createRunner } from './commands.ts';
import { cpuWindows } from './cpu-windows.ts';

/** Milliseconds summed up in one printed line. */
const windowLength = 5_000;

const name = process.env.MONITOR_AGENT ?? `agent-${process.pid}`;
const url = process.env.MONITOR_URL ?? 'ws://127.0.0.1:4602/ws';
const identity: Identity = { kind: 'agent', name, commands: [...agentCommands] };

const client = createClient({
  contract: monitor,
  url,
  auth: () => identity,
  reconnect: { minDelay: 250, maxDelay: 2_000, connectTimeout: 2_000, welcomeTimeout: 2_000 },
});
const rx = toRx(client);
const row = new RunningNumber();
let resumes = 0;

rx.message$('sample').subscribe(({ n }) => row.accept(n));

rx.message$('sample')
  .pipe(cpuWindows(windowLength))
  .subscribe(({ from, samples, average, highest }) => {
    const { missing, duplicates } = row.tally();
    say(
      `${clock(from)}  CPU average ${percent(average)}  highest ${percent(highest)}` +
        `  ${samples} samples, ${missing} missing, ${duplicates} twice`,
    );
  });

const states = rx.state$
  .pipe(
    distinctUntilChanged((a, b) => a.status === b.status),
    pairwise(),
  )
  .subscribe(([before, now]) => {
    if (now.status === 'reconnecting') say(`link lost (${now.error.code}), coming back`);
    if (now.status === 'connected' && before.status === 'reconnecting') {
      if (now.resumed) resumes++;
      say(now.resumed ? 'resumed the same session' : 'connected with a new session');
    }
    if (now.status === 'suspended' || now.status === 'closed') say(`${now.status}: ${now.reason}`);
  });

rx.message$('alarm')
  .pipe(map(({ metric, phase, value, limit }) => `alarm ${phase}: ${metric} at ${value}, limit ${limit}`))
  .subscribe(say);

client.handle(
  'run',
  createRunner(name, () => {
    const { received, missing, duplicates } = row.tally();
    return {
      samples: `${received} received, ${missing} missing, ${duplicates} twice`,
      resumes: String(resumes),
    };
  }),
);

stopWithParent(async () => {
  states.unsubscribe();
  await client.close();
});
await client.connect();
report({ type: 'ready' });

function say(text: string): void {
  console.log(`agent    ${text}`);
}

function clock(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB');
}

function percent(value: number): string {
  return `${value.toFixed(0).padStart(3)} %`;
}
