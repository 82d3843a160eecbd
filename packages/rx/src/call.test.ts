import { HawserError } from '@hawser/core';
import { createTestBed, type TestBed } from '@hawser/core/testing';
import { lastValueFrom, retry, Subject, switchMap } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import { type Fleet, fleet } from '../test/fleet.ts';
import { toRx } from './to-rx.ts';

const input = { deviceId: 'd1', max: 80 };

/** A server that answers `setThreshold` only when told to, and says which inputs it got and which were cancelled. */
function slowServer(bed: TestBed<Fleet>) {
  const asked: number[] = [];
  const cancelled: number[] = [];
  const answers: (() => void)[] = [];
  bed.server.handle('setThreshold', ({ max }, { signal }) => {
    asked.push(max);
    signal.addEventListener('abort', () => cancelled.push(max));
    return new Promise((resolve) => answers.push(() => resolve({ appliedAt: max })));
  });
  return { asked, cancelled, answer: (): void => answers.shift()?.() };
}

describe('call$', () => {
  test('is cold: making it calls nothing, each subscription is one call', async () => {
    await using bed = createTestBed(fleet);
    let calls = 0;
    bed.server.handle('whoami', () => ({ user: `caller ${(calls += 1)}` }));
    const whoami$ = toRx(bed.client).call$('whoami');
    await bed.clock.settle();
    expect(bed.client.state.status).toBe('idle');

    const log: string[] = [];
    for (const who of ['a', 'b']) {
      whoami$.subscribe({ next: ({ user }) => log.push(`${who}: ${user}`), complete: () => log.push(`${who} done`) });
    }
    await bed.clock.settle();
    expect(log).toEqual(['a: caller 1', 'a done', 'b: caller 2', 'b done']);
  });

  test('errors with the domain error of the contract', async () => {
    await using bed = createTestBed(fleet);
    bed.server.handle('setThreshold', ({ deviceId }, { fail }) => fail('UNKNOWN_DEVICE', { deviceId }));
    const answer = lastValueFrom(toRx(bed.client).call$('setThreshold', input));
    const failed = expect(answer).rejects.toMatchObject({
      origin: 'domain',
      code: 'UNKNOWN_DEVICE',
      data: { deviceId: 'd1' },
    });
    await bed.clock.settle();
    await failed;
  });

  test('errors with the system error, and options reach the call', async () => {
    await using bed = createTestBed(fleet);
    slowServer(bed);
    let error: unknown;
    toRx(bed.client)
      .call$('setThreshold', input, { timeout: 2_000 })
      .subscribe({ error: (e) => (error = e) });
    await bed.clock.advance(1_999);
    expect(error).toBeUndefined();
    await bed.clock.advance(1);
    expect(error).toBeInstanceOf(HawserError);
    expect(error).toMatchObject({ origin: 'system', code: 'TIMEOUT' });
  });

  test('unsubscribing cancels the call on the server and says nothing more', async () => {
    await using bed = createTestBed(fleet);
    const { asked, cancelled, answer } = slowServer(bed);
    const log: string[] = [];
    const subscription = toRx(bed.client)
      .call$('setThreshold', input)
      .subscribe({
        next: () => log.push('next'),
        error: () => log.push('error'),
        complete: () => log.push('complete'),
      });
    await bed.clock.settle();
    expect(asked).toEqual([80]);
    subscription.unsubscribe();
    await bed.clock.settle();
    expect(cancelled).toEqual([80]);
    answer();
    await bed.clock.settle();
    expect(log).toEqual([]);
  });

  test('an answered call is not cancelled by the unsubscription that follows', async () => {
    await using bed = createTestBed(fleet);
    const { cancelled, answer } = slowServer(bed);
    const made = vi.spyOn(bed.client, 'call');
    const subscription = toRx(bed.client).call$('setThreshold', input).subscribe();
    await bed.clock.settle();
    answer();
    await bed.clock.settle();
    subscription.unsubscribe();
    await bed.clock.settle();
    expect(subscription.closed).toBe(true);
    expect(cancelled).toEqual([]);
    expect(made.mock.calls[0]?.[2]?.signal?.aborted).toBe(false);
  });

  test('switchMap keeps the latest and cancels the one before', async () => {
    await using bed = createTestBed(fleet);
    const { asked, cancelled, answer } = slowServer(bed);
    const rx = toRx(bed.client);
    const limits$ = new Subject<number>();
    const applied: number[] = [];
    limits$
      .pipe(switchMap((max) => rx.call$('setThreshold', { deviceId: 'd1', max })))
      .subscribe((r) => applied.push(r.appliedAt));
    limits$.next(1);
    await bed.clock.settle();
    limits$.next(2);
    await bed.clock.settle();
    expect(asked).toEqual([1, 2]);
    expect(cancelled).toEqual([1]);
    answer();
    answer();
    await bed.clock.settle();
    expect(applied).toEqual([2]);
  });

  test('a signal given to it cancels and is the error, as with call', async () => {
    await using bed = createTestBed(fleet);
    const { asked, cancelled } = slowServer(bed);
    const controller = new AbortController();
    const errors: unknown[] = [];
    const call$ = toRx(bed.client).call$('setThreshold', input, { signal: controller.signal });
    call$.subscribe({ error: (e) => errors.push(e) });
    await bed.clock.settle();
    const reason = new Error('changed my mind');
    controller.abort(reason);
    await bed.clock.settle();
    expect(errors).toEqual([reason]);
    expect(cancelled).toEqual([80]);

    call$.subscribe({ error: (e) => errors.push(e) });
    await bed.clock.settle();
    expect(errors).toEqual([reason, reason]);
    expect(asked).toEqual([80]);
  });

  test('leaves no listener on a signal that outlives it', async () => {
    await using bed = createTestBed(fleet);
    bed.server.handle('whoami', () => ({ user: 'ada' }));
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = ((type: 'abort', listener: () => void) => {
      listeners += 1;
      add(type, listener);
    }) as typeof add;
    signal.removeEventListener = ((type: 'abort', listener: () => void) => {
      listeners -= 1;
      remove(type, listener);
    }) as typeof remove;
    const whoami$ = toRx(bed.client).call$('whoami', undefined, { signal });
    whoami$.subscribe();
    expect(listeners).toBe(1);
    await bed.clock.settle();
    expect(listeners).toBe(0);
    whoami$.subscribe().unsubscribe();
    expect(listeners).toBe(0);
  });

  test('behind retry every try is a call of its own', async () => {
    await using bed = createTestBed(fleet);
    let calls = 0;
    bed.server.handle('setThreshold', ({ max }, { fail }) => {
      calls += 1;
      if (calls < 3) fail('READ_ONLY');
      return { appliedAt: max };
    });
    const applied = lastValueFrom(toRx(bed.client).call$('setThreshold', input).pipe(retry(2)));
    await bed.clock.settle();
    expect(await applied).toEqual({ appliedAt: 80 });
    expect(calls).toBe(3);
  });

  test('on a closed client it errors with UNAVAILABLE', async () => {
    await using bed = createTestBed(fleet);
    await bed.client.close();
    await expect(lastValueFrom(toRx(bed.client).call$('whoami'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
