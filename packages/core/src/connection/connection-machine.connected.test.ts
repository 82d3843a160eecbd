import { describe, expect, it } from 'vitest';
import {
  connect,
  expectStatus,
  fault,
  frozen,
  lost,
  measured,
  offline,
  online,
  silent,
  timeout,
  toConnected,
  toStable,
  walk,
} from './connection-samples.ts';

describe('a link that is up', () => {
  it.each([offline, frozen, online, connect])('%j does not touch it: the flag may lie', (input) => {
    const { state } = walk(toStable);
    expect(walk([input], {}, state).state).toBe(state);
  });

  it('tells what the heartbeat measured', () => {
    const { state, effects } = walk([...toStable, measured]);
    expect(state).toEqual({ ...walk(toStable).state, latency: 40, degraded: false });
    expect(effects).toEqual([]);
    const suspect = walk([{ type: 'measured', latency: 40, degraded: true }], {}, state).state;
    expect(suspect).toMatchObject({ status: 'connected', latency: 40, degraded: true });
  });
});

describe('stability', () => {
  it('forgets past tries after stableAfter', () => {
    const young = expectStatus(walk([...toConnected, 4_999]).state, 'connected');
    expect([young.attempt, young.stableAt]).toEqual([1, young.since + 5_000]);
    const old = walk([...toConnected, timeout]);
    expect(old.state).toMatchObject({ attempt: 0, stableAt: undefined, credential: 'trusted' });
    expect(walk([timeout], {}, old.state).state).toBe(old.state);
  });

  it('counts even if the timer has not fired', () => {
    const { state } = walk([...toConnected, 5_000, lost()]);
    expect(expectStatus(state, 'reconnecting').attempt).toBe(1);
  });

  it('a link lost before counts as a failed try', () => {
    const { state, now } = walk([...toConnected, 4_999, lost()]);
    const waiting = expectStatus(state, 'reconnecting');
    expect([waiting.attempt, waiting.retryAt - now]).toEqual([2, 750]);
  });
});

describe('ending the link from this side', () => {
  it('silence is a local cause, and the server keeps the session', () => {
    const { state, effects, now } = walk([...toStable, silent]);
    expect(effects).toEqual([{ type: 'drop', code: 4542, reason: 'silent' }]);
    const waiting = expectStatus(state, 'reconnecting');
    expect([waiting.attempt, waiting.retryAt - now, waiting.error.code]).toEqual([1, 500, 'UNAVAILABLE']);
    expect(waiting.error.message).toMatch(/^This side dropped the link/);
    expect(waiting.error.data).toEqual({ closeCode: 4542, reason: 'silent', status: undefined });
  });

  it('a gap is resumed at once, a protocol error is the end', () => {
    expect(walk([...toStable, fault(4540, 'a gap before number 7')])).toMatchObject({
      state: { status: 'reconnecting', phase: 'waiting', attempt: 1 },
      effects: [{ type: 'drop', code: 4540, reason: 'a gap before number 7' }],
    });
    expect(walk([...toStable, fault(4400, 'bad')])).toMatchObject({
      state: { status: 'closed', reason: 'protocol', error: { code: 'INTERNAL' } },
      effects: [{ type: 'drop', code: 4400, reason: 'bad' }],
    });
  });

  it('a gap on a link that never proves stable backs off', () => {
    const { state, now } = walk([...toConnected, fault(4540)]);
    expect(expectStatus(state, 'reconnecting').retryAt - now).toBe(750);
  });
});
