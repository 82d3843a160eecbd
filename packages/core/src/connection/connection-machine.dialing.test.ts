import { describe, expect, it } from 'vitest';
import {
  connect,
  expectStatus,
  failed,
  fault,
  frozen,
  lost,
  offline,
  online,
  opened,
  prepared,
  timeout,
  toConnected,
  toGreeting,
  toStable,
  walk,
  welcomed,
} from './connection-samples.ts';

describe('deadlines', () => {
  it('connectTimeout covers preparing and opening together', () => {
    const start = walk([connect]).now;
    expect(walk([connect]).state).toMatchObject({ deadline: start + 10_000 });
    expect(walk([connect, 4_000, prepared]).state).toMatchObject({ phase: 'opening', deadline: start + 10_000 });
  });

  it('welcomeTimeout starts when the socket opens', () => {
    expect(walk([connect, 4_000, prepared, 3_000, opened]).state).toMatchObject({ deadline: 1_000_000 + 17_000 });
  });

  it.each([
    [[connect], '`url` or `auth` gave no answer within 10000 ms (reconnect.connectTimeout). It is tried again.'],
    [[connect, prepared], 'The socket did not open within 10000 ms (reconnect.connectTimeout). It is tried again.'],
    [toGreeting, 'The server did not answer the hello within 10000 ms (reconnect.welcomeTimeout). It is tried again.'],
  ])('a dial that hangs is dropped with 4508 and tried again (%#)', (script, message) => {
    const { state, effects, now } = walk([...script, timeout]);
    expect(effects).toEqual([{ type: 'drop', code: 4508, reason: 'timeout' }]);
    const { error, retryAt, attempt } = expectStatus(state, 'reconnecting');
    expect({ code: error.code, message: error.message }).toEqual({ code: 'TIMEOUT', message });
    expect(error.data).toEqual({ closeCode: 4508, reason: 'timeout', status: undefined });
    expect([attempt, retryAt - now]).toEqual([2, 750]);
  });

  it('ignores a late open of the socket that was given up', () => {
    const waiting = walk([connect, prepared, timeout]);
    expect(walk([opened], {}, waiting.state).state).toBe(waiting.state);
  });

  it('a machine that slept through the deadline tries again within a second of waking', () => {
    const { state, effects, now } = walk([...toStable, lost(), timeout, lost(), prepared, 3_600_000, online]);
    expect(effects).toEqual([{ type: 'drop', code: 4508, reason: 'online' }]);
    expect(expectStatus(state, 'reconnecting').retryAt - now).toBe(500);
  });

  it('"online" leaves a dial alone that is still in time', () => {
    const dialing = walk([connect, prepared]);
    expect(walk([9_999, online], {}, dialing.state).state).toBe(dialing.state);
  });
});

describe('failures of the driver', () => {
  it('keep the reason and back off', () => {
    const { state, now } = walk([connect, failed()]);
    expect(state).toMatchObject({ status: 'reconnecting', error: { message: 'the test says UNAVAILABLE' } });
    expect(expectStatus(state, 'reconnecting').retryAt - now).toBe(750);
  });

  it('wait as long as the error asks', () => {
    const { state, now } = walk([connect, failed('RATE_LIMITED', 60_000)]);
    expect(expectStatus(state, 'reconnecting').retryAt - now).toBe(60_400);
  });

  it('without a credential there is nothing to try until a sign-in', () => {
    const { state, effects } = walk([connect, failed('UNAUTHENTICATED')]);
    expect(state).toMatchObject({ status: 'suspended', reason: 'unauthenticated', credential: 'trusted' });
    expect(effects).toEqual([{ type: 'drop', code: 4401, reason: 'failed' }]);
    // Nothing was refused by the server: the next credential is asked for as usual.
    expect(walk([connect], {}, state).effects).toEqual([{ type: 'prepare', refresh: false }]);
  });

  it('a sub-protocol that does not fit ends it, and so does a refusal', () => {
    expect(walk([connect, prepared, failed('CONTRACT_MISMATCH')]).state).toMatchObject({
      status: 'closed',
      reason: 'incompatible',
      error: { code: 'CONTRACT_MISMATCH' },
    });
    expect(walk([connect, failed('FORBIDDEN')]).state).toMatchObject({ status: 'closed', reason: 'forbidden' });
  });
});

it('lets go of what is left of a try that failed', () => {
  // Nothing but a generation in the first two phases, a socket without a hello in the third.
  for (const script of [[connect], [connect, prepared], toGreeting]) {
    expect(walk([...script, failed()])).toMatchObject({
      state: { phase: 'waiting', attempt: 2 },
      effects: [{ type: 'drop', code: 4508, reason: 'failed' }],
    });
    expect(walk([...script, failed('FORBIDDEN')])).toMatchObject({
      state: { status: 'closed' },
      effects: [{ type: 'drop', code: 4403 }],
    });
  }
});

describe('a machine without network', () => {
  it.each([
    [offline, 'offline'],
    [frozen, 'hidden'],
  ] as const)('%j cancels the dial but not the session', (signal, reason) => {
    const { state, effects } = walk([...toGreeting, signal]);
    expect(state).toMatchObject({ status: 'suspended', reason, attempt: 1, error: { code: 'UNAVAILABLE' } });
    expect(effects).toEqual([{ type: 'drop', code: 4508, reason: signal.type }]);
  });

  it('keeps what failed before as the cause', () => {
    const lastError = expectStatus(walk([...toGreeting, lost()]).state, 'reconnecting').error;
    const { state } = walk([...toGreeting, lost(), timeout, offline]);
    const { error } = expectStatus(state, 'suspended');
    expect(error.cause).toEqual(lastError);
    expect(error.cause).toMatchObject({ data: { closeCode: 1006 } });
    expect(expectStatus(walk([connect, offline]).state, 'suspended').error).not.toHaveProperty('cause');
  });
});

describe('refused upgrades', () => {
  it('401 asks for a new credential at once, the second time it waits for a sign-in', () => {
    const refused = lost(1006, { status: 401 });
    const once = walk([connect, prepared, refused]);
    expect(once.state).toMatchObject({ status: 'connecting', phase: 'preparing', attempt: 2, credential: 'refused' });
    expect(once.effects).toEqual([{ type: 'prepare', refresh: true }]);
    expect(walk([prepared, refused], {}, once.state).state).toMatchObject({
      status: 'suspended',
      reason: 'unauthenticated',
      error: { code: 'UNAUTHENTICATED', data: { status: 401 } },
    });
  });

  it('403 stops', () => {
    expect(walk([connect, prepared, lost(1006, { status: 403 })]).state).toMatchObject({ reason: 'forbidden' });
  });

  it.each([429, 503])('%i waits as long as the server says', (status) => {
    const { state, now } = walk([connect, prepared, lost(1006, { status, retryAfter: 30_000 })]);
    const waiting = expectStatus(state, 'reconnecting');
    expect([waiting.retryAt - now, waiting.error.retryAfter]).toEqual([30_400, 30_000]);
  });

  it('asks again when the new credential could not be fetched', () => {
    const refused = [...toGreeting, lost(4401), failed(), timeout];
    expect(walk(refused).effects).toEqual([{ type: 'prepare', refresh: true }]);
  });
});

describe('the handshake', () => {
  it('a fault in the first frame ends the socket with its code', () => {
    expect(walk([...toGreeting, fault(4400, 'not a welcome')])).toMatchObject({
      state: { status: 'closed', reason: 'protocol' },
      effects: [{ type: 'drop', code: 4400, reason: 'not a welcome' }],
    });
  });

  it('welcome makes it connected', () => {
    const { state, now } = walk([...toGreeting, { type: 'welcomed', resumed: false }]);
    expect(state).toEqual({
      status: 'connected',
      since: now,
      resumed: false,
      degraded: false,
      attempt: 1,
      credential: 'trusted',
      stableAt: now + 5_000,
    });
    expect(walk([welcomed], {}, walk(toGreeting).state).state).toMatchObject({ resumed: true });
    expect(walk(toConnected).effects).toEqual([]);
  });
});
