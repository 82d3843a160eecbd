import { createClient, refusal as coreRefusal } from '@hawser/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fleet } from '../test/stage/fleet.ts';
import { Stage } from '../test/stage/stage.ts';
import { createServer, refusal } from './index.ts';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.strike());

const draft = createServer({ contract: fleet, authenticate: ({ auth }) => ({ userId: String(auth) }) });
const setThreshold = () => ({ appliedAt: 1 });

describe('middleware of a server', () => {
  it('decides who may, adds to the context, and sees how it ended', async () => {
    const log: unknown[] = [];
    const server = draft
      .use(async ({ name, next, traceparent }) => {
        try {
          const passed = await next();
          log.push([name, traceparent, passed.output]);
          return passed;
        } catch (error) {
          log.push([name, traceparent, (error as { code?: string }).code]);
          throw error;
        }
      })
      .use(async ({ auth, name, next }) => {
        if (name === 'setThreshold' && auth.userId !== 'ada') throw refusal('FORBIDDEN', 'Only Ada may.');
        return next({ user: { name: auth.userId.toUpperCase() } });
      })
      .implement({ whoami: (_, { user }) => ({ user: user.name }), setThreshold });
    const port = await stage.serve(server);
    const client = stage.client(port, {
      auth: 'eve',
      middleware: [({ options, next }) => next({ traceparent: '00-aa-bb-01', ...options })],
    });
    expect(await client.call('whoami')).toEqual({ user: 'EVE' });
    const error = client.call('setThreshold', { deviceId: 'd1', max: 1 }, { traceparent: '00-cc-dd-01' });
    await expect(error).rejects.toMatchObject({ code: 'FORBIDDEN', message: 'Only Ada may.', retryable: false });
    const ada = stage.client(port, { auth: 'ada' });
    expect(await ada.call('setThreshold', { deviceId: 'd1', max: 1 })).toEqual({ appliedAt: 1 });
    expect(log).toEqual([
      ['whoami', '00-aa-bb-01', { user: 'EVE' }],
      ['setThreshold', '00-cc-dd-01', 'FORBIDDEN'],
      ['setThreshold', undefined, { appliedAt: 1 }],
    ]);
  });

  it('belongs to the draft that `use` returns, not to the one it was called on', async () => {
    let runs = 0;
    const counted = draft.use(({ next }) => {
      runs += 1;
      return next();
    });
    const whoami = () => ({ user: 'x' });
    const plain = stage.client(await stage.serve(draft.implement({ whoami, setThreshold })));
    const other = stage.client(await stage.serve(counted.implement({ whoami, setThreshold })));
    await plain.call('whoami');
    expect(runs).toBe(0);
    await other.call('whoami');
    expect(runs).toBe(1);
  });

  it('is a function', () => {
    expect(() => draft.use({} as never)).toThrow(TypeError);
    expect(coreRefusal).toBe(refusal);
  });
});

describe('a call whose answer is lost with the link, over real sockets', () => {
  it('runs once and is answered once when it is idempotent; otherwise its outcome is unknown, and it ran once at most', async () => {
    const runs: string[] = [];
    const answers: (() => void)[] = [];
    const wait = () => new Promise<void>((resolve) => answers.push(resolve));
    const server = createServer({
      contract: fleet,
      authenticate: 'none',
      sessions: { window: 50 },
    }).implement({
      whoami: async () => {
        runs.push('whoami');
        await wait();
        return { user: 'x' };
      },
      setThreshold: async () => {
        runs.push('setThreshold');
        await wait();
        return { appliedAt: runs.length };
      },
    });
    const port = await stage.serve(server);
    const cable = await stage.cable(port);
    const client = stage.use(
      createClient({
        contract: fleet,
        url: `ws://127.0.0.1:${cable.port}/ws`,
        reconnect: { minDelay: 0, maxDelay: 20 },
      }),
    );
    const ended = new Promise((resolve) => server.onPeerEnd((_, { why }) => resolve(why)));
    const lost = new Promise((resolve) => client.onSessionLost(({ why }) => resolve(why)));
    const unknown = client.call('whoami').catch((error: unknown) => error);
    const once = client.call('setThreshold', { deviceId: 'd1', max: 1 });
    while (answers.length < 2) await new Promise((resolve) => setImmediate(resolve));
    cable.refuse();
    cable.rst();
    expect(await ended).toBe('expired');
    await cable.accept();
    expect(await lost).toBe('expired');
    for (const answer of answers) answer();
    expect(await unknown).toMatchObject({ code: 'UNKNOWN_OUTCOME', executed: 'maybe' });
    expect(await once).toEqual({ appliedAt: 2 });
    expect(runs).toEqual(['whoami', 'setThreshold']);
  });
});
