import { describe, expect, it } from 'vitest';
import type { ConnectionEffect, ConnectionInput } from './connection-io.ts';
import { connectionDeadline, initialState, transition } from './connection-machine.ts';
import {
  close,
  connect,
  contextOf,
  disconnect,
  expectStatus,
  lost,
  opened,
  prepared,
  sampleInputs,
  sampleStates,
  timeout,
  toConnected,
  toGreeting,
  toStable,
  walk,
  welcomed,
} from './connection-samples.ts';
import type { Walk } from './connection-samples.ts';
import type { ConnectionState } from './connection-state.ts';

const file = '../../../../docs/generated/connection-machine.md';

describe('every state and every input', () => {
  it('is written down in docs/generated/connection-machine.md', async () => {
    await expect(document()).toMatchFileSnapshot(file);
  });

  it('has a sample of every status, phase and reason', () => {
    const kinds = new Set([...sampleStates.values()].map(({ state }) => kindOf(state)));
    expect(kinds).toEqual(
      new Set([
        'idle',
        'connecting, preparing',
        'connecting, opening',
        'connecting, greeting',
        'connected',
        'reconnecting, waiting',
        'reconnecting, preparing',
        'reconnecting, opening',
        'reconnecting, greeting',
        'suspended, offline',
        'suspended, hidden',
        'suspended, unauthenticated',
        'closed, client',
      ]),
    );
  });

  it.each(pairs())('%s + %s: same object and no effects, or a different state', (_state, name, from, input) => {
    const [next, effects] = step(from, name, input);
    const changed = JSON.stringify(next) !== JSON.stringify(from.state);
    expect(next === from.state).toBe(!changed);
    if (!changed) expect(effects).toEqual([]);
  });

  it.each([...sampleStates].filter(([, { state }]) => Number.isFinite(connectionDeadline(state))))(
    '%s moves when its deadline is due, and not a millisecond before',
    (_name, { state }) => {
      const due = connectionDeadline(state);
      expect(transition(state, timeout, contextOf({ now: due - 1 }))[0]).toBe(state);
      expect(transition(state, timeout, contextOf({ now: due }))[0]).not.toBe(state);
    },
  );
});

describe('the pipeline', () => {
  it('goes idle, preparing, opening, greeting, connected', () => {
    const stages = [[connect], [connect, prepared], toGreeting, toConnected].map((script) => walk(script));
    expect(stages.map(({ state }) => kindOf(state))).toEqual([
      'connecting, preparing',
      'connecting, opening',
      'connecting, greeting',
      'connected',
    ]);
    expect(stages.map(({ effects }) => effects)).toEqual([
      [{ type: 'prepare', refresh: false }],
      [{ type: 'open' }],
      [{ type: 'greet' }],
      [],
    ]);
  });

  it('is the same after a loss', () => {
    const again = [...toStable, lost(), timeout, prepared, opened, welcomed];
    const effects = [1, 2, 3, 4].map((n) => walk(again.slice(0, again.length - 4 + n)).effects);
    expect(effects).toEqual([[{ type: 'prepare', refresh: false }], [{ type: 'open' }], [{ type: 'greet' }], []]);
    expect(walk(again).state.status).toBe('connected');
  });
});

describe('disconnect and close', () => {
  it('drop what is live with 1000 and nothing otherwise', () => {
    const live = [...sampleStates].filter(([name]) => !/idle|waiting|suspended|closed/.test(name));
    expect(live).toHaveLength(8);
    for (const [name, { state, now }] of sampleStates) {
      if (name === 'closed') continue;
      const context = contextOf({ now });
      const isLive = live.some(([other]) => other === name);
      const drop = (reason: string): unknown => (isLive ? [{ type: 'drop', code: 1000, reason }] : []);
      expect(transition(state, disconnect, context)).toEqual([initialState, drop('disconnect')]);
      expect(transition(state, close, context)).toEqual([{ status: 'closed', reason: 'client' }, drop('close')]);
    }
  });

  it('forgets everything on disconnect', () => {
    const failing = [connect, prepared, lost(), timeout, prepared, lost()];
    expect(expectStatus(walk(failing).state, 'reconnecting').attempt).toBe(3);
    expect(walk([...failing, disconnect, connect]).state).toMatchObject({ status: 'connecting', attempt: 1 });
  });
});

function pairs(): [string, string, Walk, ConnectionInput][] {
  return [...sampleStates].flatMap(([state, from]) =>
    [...sampleInputs].map(([name, input]): [string, string, Walk, ConnectionInput] => [state, name, from, input]),
  );
}

type Stepped = readonly [next: ConnectionState, effects: readonly ConnectionEffect[], now: number];

function step(from: Walk, name: string, input: ConnectionInput): Stepped {
  const deadline = connectionDeadline(from.state);
  const now = name === 'timeout' && Number.isFinite(deadline) ? deadline : from.now;
  return [...transition(from.state, input, contextOf({ now })), now];
}

function kindOf(state: ConnectionState): string {
  if (state.status === 'connecting' || state.status === 'reconnecting') return `${state.status}, ${state.phase}`;
  if (state.status === 'suspended' || state.status === 'closed') return `${state.status}, ${state.reason}`;
  return state.status;
}

function document(): string {
  const states = [...sampleStates].map(([name, from]) => section(name, from)).join('\n');
  return `<!-- Generated by packages/core/src/connection/connection-machine.test.ts; after a change: npx vitest run connection-machine -u -->

# Connection machine

What \`transition(state, input, context)\` does, for every state and every input. Times are what the default options give
with a random number of 0.5 and a server that asked for a spread of 800 ms. An input that is not listed changes nothing.

## States

${states}
## Close codes and HTTP statuses

What a stable link does after it is lost with the code; below, what a first try does after its upgrade was refused with
the status. "within" is the window in which the next try starts.

| Code | Next |
|---|---|
${codes().join('\n')}

| HTTP status | Next |
|---|---|
${statuses().join('\n')}
`;
}

function section(name: string, from: Walk): string {
  const rows = [...sampleInputs].flatMap(([input, value]) => {
    const [next, effects, now] = step(from, input, value);
    if (next === from.state) return [];
    const wait = next.status === 'reconnecting' && next.phase === 'waiting' ? `, in ${next.retryAt - now} ms` : '';
    return [`| ${input} | ${describeState(next)}${wait} | ${effects.map(describeEffect).join(', ')} |`];
  });
  const table =
    rows.length === 0 ? 'Nothing changes it.' : `| Input | Next | Effects |\n|---|---|---|\n${rows.join('\n')}`;
  return `### ${name}\n\n${table}\n`;
}

function describeState(state: ConnectionState): string {
  switch (state.status) {
    case 'connected':
      return state.stableAt === undefined ? 'connected, stable' : 'connected';
    case 'connecting':
      return `${kindOf(state)}, attempt ${state.attempt}`;
    case 'reconnecting':
      return `${kindOf(state)}, attempt ${state.attempt}, ${state.error.code}`;
    case 'suspended':
    case 'closed':
      return `${kindOf(state)}${state.error ? `, ${state.error.code}` : ''}`;
    case 'idle':
      return 'idle';
  }
}

function describeEffect(effect: ConnectionEffect): string {
  switch (effect.type) {
    case 'prepare':
      return effect.refresh ? 'prepare (refresh)' : 'prepare';
    case 'drop':
      return `drop ${effect.code}`;
    case 'open':
    case 'greet':
      return effect.type;
  }
}

function codes(): string[] {
  const known = [
    1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 3000, 4000, 4400, 4401,
    4403, 4406, 4409, 4410, 4413, 4499, 4500, 4503, 4508, 4512, 4521, 4529, 4540, 4541, 4542, 4599, 4600,
  ];
  return known.map((code) => `| ${code} | ${outcome(toStable, lost(code))} |`);
}

function statuses(): string[] {
  return [200, 301, 400, 401, 403, 404, 426, 429, 502, 503].map(
    (status) => `| ${status} | ${outcome([connect, prepared], lost(1006, { status }))} |`,
  );
}

function outcome(before: readonly ConnectionInput[], loss: ConnectionInput): string {
  const least = walk([...before, loss], { random: () => 0 });
  const most = walk([...before, loss], { random: () => 1 });
  const { state } = least;
  if (state.status !== 'reconnecting' || state.phase !== 'waiting') return describeState(state);
  const end = expectStatus(most.state, 'reconnecting');
  return `${describeState(state)}, within ${state.retryAt - least.now} to ${end.retryAt - most.now} ms`;
}

it('the samples say so when a script ends elsewhere than the test believes', () => {
  expect(() => expectStatus(initialState, 'closed')).toThrow('expected closed, got {"status":"idle"}');
});
