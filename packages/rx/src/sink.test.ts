import type { SystemError } from '@hawser/core';
import { createTestBed, type TestBed } from '@hawser/core/testing';
import { config, of, Subject, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Fleet, fleet } from '../test/fleet.ts';
import { toRx } from './to-rx.ts';

afterEach(() => {
  config.onUnhandledError = null;
  vi.useRealTimers();
});

function batteries(bed: TestBed<Fleet>): number[] {
  const received: number[] = [];
  bed.server.on('heartbeat', ({ battery }) => received.push(battery));
  return received;
}

const full: NonNullable<Parameters<typeof createTestBed<Fleet>>[1]> = { client: { buffer: { queueCount: 1 } } };

describe('sink', () => {
  test('sends every value when the source emits it', async () => {
    await using bed = createTestBed(fleet);
    const received = batteries(bed);
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, flush }) => {
      cold('-a-(bc)|', { a: { battery: 1 }, b: { battery: 2 }, c: { battery: 3 } }).subscribe(
        toRx(bed.client).sink('heartbeat'),
      );
      flush();
    });
    await bed.clock.settle();
    expect(received).toEqual([1, 2, 3]);
  });

  test('unsubscribing the source stops sending', async () => {
    await using bed = createTestBed(fleet);
    const received = batteries(bed);
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run((marbles) => {
      const source = marbles.cold('-a-b-c-|', { a: { battery: 1 }, b: { battery: 2 }, c: { battery: 3 } });
      const subscription = source.subscribe(toRx(bed.client).sink('heartbeat'));
      marbles.cold('----x').subscribe(() => subscription.unsubscribe());
      marbles.expectSubscriptions(source.subscriptions).toBe('^---!');
    });
    await bed.clock.settle();
    expect(received).toEqual([1, 2]);
  });

  test('sends what has no payload, and passes options on', async () => {
    await using bed = createTestBed(fleet);
    let pings = 0;
    bed.server.on('ping', () => (pings += 1));
    const rx = toRx(bed.client);
    of(undefined).subscribe(rx.sink('ping', { whenOffline: 'drop' }));
    await bed.clock.settle();
    expect(bed.client.state.status).toBe('connected');
    expect(pings).toBe(0);
    of(undefined).subscribe(rx.sink('ping', { whenOffline: 'drop' }));
    await bed.clock.settle();
    expect(pings).toBe(1);
  });

  test('the error or the end of a source closes nothing', async () => {
    await using bed = createTestBed(fleet);
    const received = batteries(bed);
    const { sink } = toRx(bed.client);
    of({ battery: 1 }).subscribe(sink('heartbeat'));
    throwError(() => new Error('sensor gone')).subscribe(sink('heartbeat'));
    await bed.clock.settle();
    of({ battery: 2 }).subscribe(sink('heartbeat'));
    await bed.clock.settle();
    expect(received).toEqual([1, 2]);
    expect(bed.client.state.status).toBe('connected');
  });

  test('onError gets what send throws, and the source stays subscribed', async () => {
    await using bed = createTestBed(fleet, full);
    const received = batteries(bed);
    const errors: SystemError[] = [];
    const levels$ = new Subject<{ battery: number }>();
    levels$.subscribe(toRx(bed.client).sink('heartbeat', { onError: (e) => errors.push(e) }));
    levels$.next({ battery: 1 });
    levels$.next({ battery: 2 });
    expect(errors.map((e) => e.code)).toEqual(['QUEUE_FULL']);
    await bed.clock.settle();
    levels$.next({ battery: 3 });
    await bed.clock.settle();
    expect(received).toEqual([1, 3]);
    expect(errors).toHaveLength(1);

    await bed.client.close();
    levels$.next({ battery: 4 });
    expect(errors.map((e) => e.code)).toEqual(['QUEUE_FULL', 'UNAVAILABLE']);
  });

  test('without onError RxJS reports it as unhandled, and the source stays subscribed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using bed = createTestBed(fleet, full);
    const received = batteries(bed);
    const unhandled: SystemError[] = [];
    config.onUnhandledError = (e) => unhandled.push(e);
    const levels$ = new Subject<{ battery: number }>();
    levels$.subscribe(toRx(bed.client).sink('heartbeat'));
    levels$.next({ battery: 1 });
    levels$.next({ battery: 2 });
    vi.runAllTimers();
    expect(unhandled.map((e) => e.code)).toEqual(['QUEUE_FULL']);
    await bed.clock.settle();
    levels$.next({ battery: 3 });
    await bed.clock.settle();
    expect(received).toEqual([1, 3]);
  });
});
