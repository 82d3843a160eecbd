import { describe, expect, it } from 'vitest';
import type { ConnectionInput } from './connection-io.ts';
import { connectionDeadline } from './connection-machine.ts';
import {
  connect,
  expectStatus,
  frozen,
  lost,
  offline,
  online,
  opened,
  prepared,
  timeout,
  toGreeting,
  toStable,
  walk,
} from './connection-samples.ts';

const longWait: readonly ConnectionInput[] = [
  connect,
  prepared,
  lost(),
  timeout,
  prepared,
  lost(),
  timeout,
  prepared,
  lost(),
];
const busy = lost(4503, { retryAfter: 60_000 });

describe('waiting', () => {
  it('connect() tries at once, whatever the wait', () => {
    const { state, effects, now } = walk([...toStable, busy, 1_000, connect]);
    expect(state).toMatchObject({ phase: 'preparing', attempt: 1, retryAt: now, deadline: now + 10_000 });
    expect(effects).toEqual([{ type: 'prepare', refresh: false }]);
  });

  it('"online" brings the try forward to within a second, and forgets no failure', () => {
    const { state, now, effects } = walk([...longWait, online]);
    expect(state).toMatchObject({ phase: 'waiting', attempt: 4, retryAt: now + 500, deadline: now + 500 });
    expect(effects).toEqual([]);
  });

  it('"online" never puts a try off', () => {
    const soon = walk(longWait, { random: () => 0 }).state;
    expect(walk([online], { random: () => 0.9 }, soon).state).toBe(soon);
  });

  it('"online" does not override what the server asked for', () => {
    const { state, now } = walk([...toStable, busy]);
    expect(walk([online], { now }, state).state).toBe(state);
    // Later in the wait, when a second from now would be sooner.
    expect(walk([30_000, online], { now }, state).state).toBe(state);
    // Another draw of the spread may come sooner, but never before the time the server named.
    const sooner = expectStatus(walk([online], { now, random: () => 0 }, state).state, 'reconnecting');
    expect(sooner.retryAt).toBe(now + 60_000);
  });

  it.each([
    [offline, 'offline', 'This machine has no network. It is tried again when the network is back, or on connect().'],
    [frozen, 'hidden', 'The page is frozen. It is tried again when the page wakes, or on connect().'],
  ] as const)('%j suspends', (signal, reason, message) => {
    const { state, effects } = walk([...toStable, lost(), signal]);
    expect(state).toMatchObject({ status: 'suspended', reason, error: { code: 'UNAVAILABLE', message } });
    expect(effects).toEqual([]);
  });

  it('gives up at the same moment whether the timer or the wake-up comes first', () => {
    const setting = { policy: { giveUpAfter: 5_000 } };
    for (const first of [timeout, online]) {
      const { state } = walk([...toStable, lost(), 3_600_000, first], setting);
      expect(state).toMatchObject({ status: 'closed', reason: 'gave-up' });
    }
  });
});

describe('suspended', () => {
  it.each([offline, frozen])('after %j, "online" dials within a second with the memory of before', (signal) => {
    const { state, now } = walk([...longWait, signal, 60_000, online]);
    expect(state).toMatchObject({ status: 'reconnecting', phase: 'waiting', attempt: 4, retryAt: now + 500 });
  });

  it('connect() dials at once: the machine may be wrong about its network', () => {
    expect(walk([...toStable, lost(), offline, connect])).toMatchObject({
      state: { status: 'reconnecting', phase: 'preparing', attempt: 1 },
      effects: [{ type: 'prepare', refresh: false }],
    });
  });

  it('stays as it is when told so again', () => {
    const { state } = walk([...toStable, lost(), frozen]);
    expect(walk([offline, frozen, timeout], {}, state).state).toBe(state);
  });

  it('ends with giveUpAfter', () => {
    const setting = { policy: { giveUpAfter: 5_000 } };
    const away = walk([...toStable, lost(), 1_000, offline], setting);
    expect(connectionDeadline(away.state)).toBe(away.now + 4_000);
    expect(walk([timeout], { ...setting, now: away.now }, away.state).state).toMatchObject({ reason: 'gave-up' });
    expect(walk([5_000, online], { ...setting, now: away.now }, away.state).state).toMatchObject({ reason: 'gave-up' });
  });
});

describe('suspended for a sign-in', () => {
  const setting = { policy: { giveUpAfter: 5_000 } };
  const refusedTwice: readonly ConnectionInput[] = [...toGreeting, lost(4401), prepared, opened, lost(4401)];

  it('is not ended by time or network', () => {
    const { state, now } = walk(refusedTwice, setting);
    for (const input of [online, offline, frozen, timeout]) {
      expect(walk([3_600_000, input], { ...setting, now }, state).state).toBe(state);
    }
  });

  it('connect() is a first dial again, with a new credential and all its time', () => {
    const { state, now, effects } = walk([...refusedTwice, 3_600_000, connect], setting);
    expect(state).toMatchObject({ status: 'connecting', attempt: 1, downSince: now, credential: 'refused' });
    expect(effects).toEqual([{ type: 'prepare', refresh: true }]);
  });

  it('suspends again when that one is refused as well', () => {
    const { state } = walk([...refusedTwice, connect, prepared, opened, lost(4401)]);
    expect(state).toMatchObject({ status: 'suspended', reason: 'unauthenticated' });
  });
});
