import { describe, expect, it } from 'vitest';
import type { SystemError } from '../shared/errors.ts';
import type { ConnectionInput } from './connection-io.ts';
import { connectionDeadline } from './connection-machine.ts';
import {
  connect,
  expectStatus,
  failed,
  fault,
  lost,
  opened,
  prepared,
  silent,
  timeout,
  toConnected,
  toGreeting,
  toStable,
  walk,
  welcomed,
} from './connection-samples.ts';

const redial: readonly ConnectionInput[] = [timeout, prepared, opened];

describe('the first try after a loss', () => {
  it('comes within the spread the server asked for, or 200 ms', () => {
    const after = (spread: number, random: number): number => {
      const { state, now } = walk([...toStable, lost()], { spread, random: () => random });
      return expectStatus(state, 'reconnecting').retryAt - now;
    };
    expect([after(0, 0.75), after(0, 0), after(30_000, 0.75), after(30_000, 0)]).toEqual([150, 0, 22_500, 0]);
  });

  it('waits ten seconds when the server says "try later"', () => {
    const { state, now } = walk([...toStable, lost(1013)]);
    expect(expectStatus(state, 'reconnecting').retryAt - now).toBe(10_400);
    expect(expectStatus(state, 'reconnecting').error.retryAfter).toBe(10_000);
    // Named by the server itself: longer counts, shorter does not.
    const named = (retryAfter: number): number => {
      const { state, now } = walk([...toStable, lost(1013, { retryAfter })]);
      return expectStatus(state, 'reconnecting').retryAt - now;
    };
    expect([named(12_000), named(2_000), named(0)]).toEqual([12_400, 10_400, 10_400]);
  });

  it('waits for retryAfter, but keeps a longer wait of its own', () => {
    const wait = (retryAfter: number): number => {
      const { state, now } = walk([...toStable, lost(4503, { retryAfter })]);
      return expectStatus(state, 'reconnecting').retryAt - now;
    };
    expect([wait(5_000), wait(100)]).toEqual([5_400, 750]);
  });
});

describe('tries that keep failing', () => {
  it('back off further each time, up to maxDelay', () => {
    let { state, now } = walk([...toStable, lost()]);
    const waits: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      ({ state, now } = walk([...redial, lost()], { now }, state));
      waits.push(expectStatus(state, 'reconnecting').retryAt - now);
    }
    expect(waits).toEqual([750, 1_250, 2_250, 4_250, 8_250, 15_250, 15_250, 15_250]);
  });

  it('a flapping link backs off too, and a stable one starts again', () => {
    let { state, now } = walk([...toStable, lost()]);
    const waits: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      ({ state, now } = walk([...redial, welcomed, 100, lost(4540)], { now }, state));
      waits.push(expectStatus(state, 'reconnecting').retryAt - now);
    }
    expect(waits).toEqual([750, 1_250, 2_250]);
    ({ state, now } = walk([...redial, welcomed, timeout, lost(4540)], { now }, state));
    expect(expectStatus(state, 'reconnecting').retryAt - now).toBe(500);
  });
});

describe('a refused credential', () => {
  it('is renewed at once when a stable link is refused', () => {
    const { state, effects, now } = walk([...toStable, lost(4401)]);
    expect(state).toMatchObject({ status: 'reconnecting', phase: 'preparing', attempt: 1, retryAt: now });
    expect(effects).toEqual([{ type: 'prepare', refresh: true }]);
    expect(expectStatus(state, 'reconnecting').error.code).toBe('UNAUTHENTICATED');
  });

  it('refused again means a sign-in is needed', () => {
    const { state, effects } = walk([...toStable, lost(4401), prepared, opened, lost(4401)]);
    expect(state).toMatchObject({
      status: 'suspended',
      reason: 'unauthenticated',
      error: { code: 'UNAUTHENTICATED', message: expect.stringContaining('Sign in again') as string },
    });
    expect(effects).toEqual([]);
    // No time ends it: a person may be typing a password.
    expect(connectionDeadline(state)).toBe(Infinity);
  });

  it('refused again counts after other failures in between', () => {
    const between = [prepared, opened, lost(), ...redial, lost(4401)];
    expect(walk([...toStable, lost(4401), ...between]).state).toMatchObject({ reason: 'unauthenticated' });
  });

  it('is not renewed in a loop by a server that welcomes first and refuses then', () => {
    const { state } = walk([...toConnected, lost(4401), prepared, opened, welcomed, lost(4401)]);
    expect(state).toMatchObject({ status: 'suspended', reason: 'unauthenticated' });
  });

  it('noticed on this side, drops the socket before a new try is prepared', () => {
    const { state, effects } = walk([...toStable, fault(4401, 'expired')]);
    expect(state).toMatchObject({ status: 'reconnecting', phase: 'preparing' });
    expect(effects).toEqual([
      { type: 'drop', code: 4401, reason: 'expired' },
      { type: 'prepare', refresh: true },
    ]);
  });

  it('is trusted again after a stable connection', () => {
    const { effects } = walk([...toStable, lost(4401), prepared, opened, welcomed, timeout, lost(4401)]);
    expect(effects).toEqual([{ type: 'prepare', refresh: true }]);
  });

  it('once renewed, is not renewed for each later failure', () => {
    expect(walk([...toGreeting, lost(4401), prepared, lost(), timeout]).effects).toEqual([
      { type: 'prepare', refresh: false },
    ]);
  });
});

describe('giving up', () => {
  const policy = { giveUpAfter: 5_000 };

  it('closes when giveUpAfter ends while waiting, with the last failure as the cause', () => {
    const { state, now, effects } = walk([...toStable, lost(4503, { retryAfter: 60_000 }), timeout], { policy });
    expect(state).toMatchObject({
      status: 'closed',
      reason: 'gave-up',
      error: { code: 'UNAVAILABLE', retryable: false },
    });
    expect(expectStatus(state, 'closed').error).toMatchObject({
      message: expect.stringMatching(/^No connection for 5000 ms \(reconnect\.giveUpAfter\)/) as string,
      cause: { data: { closeCode: 4503 } },
    });
    expect([effects, now - walk(toStable).now]).toEqual([[], 5_000]);
  });

  it('lets a running try finish, then closes', () => {
    const late = walk([...toStable, lost(), timeout, prepared, 9_000], { policy });
    expect(late.state).toMatchObject({ phase: 'opening' });
    expect(walk([opened, welcomed], { policy, now: late.now }, late.state).state.status).toBe('connected');
    expect(walk([lost()], { policy, now: late.now }, late.state).state).toMatchObject({ reason: 'gave-up' });
  });

  it('counts from the loss of the link, not from the last failure', () => {
    const { state } = walk([...toStable, lost(), timeout, 3_000, failed(), timeout, 3_000, failed()], { policy });
    expect(state).toMatchObject({ status: 'closed', reason: 'gave-up' });
  });

  it('with 0 there is one try and no other', () => {
    const once = { policy: { giveUpAfter: 0 } };
    expect(walk([connect, prepared, lost()], once).state).toMatchObject({ reason: 'gave-up' });
    expect(walk(toConnected, once).state.status).toBe('connected');
    expect(walk([...toStable, silent], once)).toMatchObject({
      state: { status: 'closed', reason: 'gave-up' },
      effects: [{ type: 'drop', code: 4542 }],
    });
  });

  it('never happens by default', () => {
    const { state } = walk([...toStable, lost(), timeout, 1e12, timeout]);
    expect(state).toMatchObject({ status: 'reconnecting', phase: 'waiting' });
  });
});

describe('the error', () => {
  const errorAfter = (input: ConnectionInput, before = toStable): SystemError => {
    const { state } = walk([...before, input]);
    if (!('error' in state) || !state.error) throw new Error(`no error in ${JSON.stringify(state)}`);
    return state.error;
  };

  it('holds plain facts', () => {
    const cause = new Error('below');
    const refused: ConnectionInput = { type: 'lost', code: 1006, reason: 'r', status: 503, retryAfter: 5_000, cause };
    const error = errorAfter(refused, [connect, prepared]);
    expect(error).toMatchObject({ origin: 'system', code: 'UNAVAILABLE', retryable: true, retryAfter: 5_000, cause });
    expect(error.data).toEqual({ closeCode: 1006, reason: 'r', status: 503 });
  });

  it('leaves out what was not said', () => {
    const error = errorAfter(lost(4500));
    expect(error.data).toEqual({ closeCode: 4500, reason: '', status: undefined });
    expect([error.retryAfter, 'cause' in error]).toEqual([undefined, false]);
  });

  it.each([0, -5, Number.NaN])('ignores a retryAfter of %s', (retryAfter) => {
    expect(errorAfter(lost(4503, { retryAfter })).retryAfter).toBeUndefined();
  });

  it('is not retryable when the client stops', () => {
    expect([errorAfter(lost(1000)).retryable, errorAfter(lost(4500)).retryable]).toEqual([false, true]);
  });

  it('says where it happened, who did it and what follows', () => {
    expect(errorAfter(lost()).message).toBe('The link broke. It is tried again.');
    expect(errorAfter(lost(), toGreeting).message).toMatch(/^The link broke/);
    expect(errorAfter(lost(), [connect, prepared]).message).toMatch(/^The socket could not be opened/);
    expect(errorAfter(fault(4540)).message).toMatch(/^This side dropped the link/);
    expect(errorAfter(lost(4401)).message).toMatch(/A new credential is asked for\.$/);
  });
});
