// The client's process of the soak test.
import { type ConnectionState, createClient, HawserError } from '@hawser/core';
import { illegalStep } from '../state-path.ts';
import { soak } from './contract.ts';
import { tell, watchForFaults } from './faults.ts';
import type { Loss, SessionRecord } from './judge.ts';
import type { Order, Settings } from './messages.ts';
import { pace } from './pace.ts';

/** Every so many messages one is a call. */
const callEvery = 40;

watchForFaults();
const { url, rate } = JSON.parse(process.argv[2] ?? '') as Settings;

const client = createClient({
  contract: soak,
  url,
  // Quick enough that a whole run of cuts fits a test.
  reconnect: { minDelay: 10, maxDelay: 150, connectTimeout: 2_000, welcomeTimeout: 2_000 },
});

let outbox: number[] = [];
let inbox: number[] = [];
let n = 0;
let received = 0;
let connections = 0;
let answered = 0;
const sessions: SessionRecord[] = [];
const states: string[] = [];
const calls: Record<string, number> = {};
let started = 0;

client.onState((now: ConnectionState, before: ConnectionState) => {
  const fault = illegalStep(before, now);
  if (fault !== undefined) tell({ type: 'fault', what: `state: ${fault}` });
  if (now.status === 'connected' && before.status !== 'connected') connections += 1;
  if (now.status !== before.status) states.push(now.status);
});

client.onProblem(({ kind, name, error }) => tell({ type: 'fault', what: `problem ${kind} ${name}: ${error.message}` }));

client.onSessionLost(({ sessionId, why, outbound, requeued }) => {
  const numbers = (items: readonly { data: unknown }[]): number[] =>
    items.map((item) => (item.data as { n: number }).n);
  const unsent = numbers(outbound.unsent);
  const loss: Loss = { sessionId, why, acked: outbound.acked, unknown: numbers(outbound.unknown), unsent };
  if (requeued !== unsent.length > 0)
    tell({ type: 'fault', what: `requeued is ${requeued} with ${unsent.length} unsent` });
  sessions.push({ id: sessionId, outbox, inbox, loss });
  // What never left goes on by itself in the next session.
  outbox = [...unsent];
  inbox = [];
  tell({ type: 'lost', loss });
});

client.on('down', ({ n: number }) => {
  inbox.push(number);
  received += 1;
});
client.handle('check', ({ n: number }) => {
  inbox.push(number);
  received += 1;
  return { n: number };
});

function produce(): void {
  n += 1;
  const number = n;
  outbox.push(number);
  if (number % callEvery !== 0) {
    client.send('up', { n: number });
    return;
  }
  started += 1;
  void ask(number);
}

async function ask(number: number): Promise<void> {
  try {
    const answer = await client.call('ask', { n: number });
    if (answer.n !== number) tell({ type: 'fault', what: `call ${number} was answered with ${answer.n}` });
    settle('ok');
  } catch (error) {
    settle(error instanceof HawserError ? error.code : String(error));
  }
}

function settle(outcome: string): void {
  answered += 1;
  calls[outcome] = (calls[outcome] ?? 0) + 1;
}

async function finish(): Promise<void> {
  const tally = await client.call('tally');
  const id = client.sessionId ?? 'none';
  const close = await client.close({ drain: 5_000 });
  sessions.push({ id, outbox, inbox, loss: undefined });
  tell({ type: 'finished', account: { sessions, states, calls, started, close }, tally }, () => process.disconnect());
}

const stopReporting = pace(50, () => {
  const connected = client.state.status === 'connected';
  tell({
    type: 'progress',
    progress: { connections, connected, losses: sessions.length, sent: n, answered, received },
  });
});
const stopProducing = pace(rate, produce);

process.on('message', (order: Order) => {
  stopProducing();
  if (order !== 'finish') return;
  stopReporting();
  void finish();
});
