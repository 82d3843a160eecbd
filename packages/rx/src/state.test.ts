import type { ConnectionState } from '@hawser/core';
import { createTestBed } from '@hawser/core/testing';
import { distinctUntilChanged, map, take } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { fleet } from '../test/fleet.ts';
import { countListeners } from '../test/listener-count.ts';
import { toRx } from './to-rx.ts';

describe('state$', () => {
  test('replays the current state to each subscriber, then follows', async () => {
    await using bed = createTestBed(fleet);
    const { state$ } = toRx(bed.client);
    const early: string[] = [];
    state$
      .pipe(
        map((s) => s.status),
        distinctUntilChanged(),
      )
      .subscribe((s) => early.push(s));
    expect(early).toEqual(['idle']);

    void bed.client.connect();
    await bed.clock.settle();
    expect(early).toEqual(['idle', 'connecting', 'connected']);

    const late: string[] = [];
    state$.subscribe((s) => late.push(s.status));
    expect(late).toEqual(['connected']);
    bed.link.drop();
    await bed.clock.settle();
    expect(late).toEqual(['connected', 'reconnecting']);
  });

  test('emits the very objects of the client', async () => {
    await using bed = createTestBed(fleet);
    const seen: unknown[] = [];
    toRx(bed.client).state$.subscribe((s) => seen.push(s, bed.client.state));
    void bed.client.connect();
    await bed.clock.settle();
    expect(seen.length).toBeGreaterThan(2);
    for (let i = 0; i < seen.length; i += 2) expect(seen[i]).toBe(seen[i + 1]);
  });

  test('completes after closed, also for whoever comes later', async () => {
    await using bed = createTestBed(fleet);
    const { state$ } = toRx(bed.client);
    const log: string[] = [];
    state$.subscribe({ next: (s) => log.push(s.status), complete: () => log.push('complete') });
    await bed.client.close();
    expect(log).toEqual(['idle', 'closed', 'complete']);
    state$.subscribe({ next: (s) => log.push(`late ${s.status}`), complete: () => log.push('late complete') });
    expect(log.slice(3)).toEqual(['late closed', 'late complete']);
  });

  test('a lost link neither errors nor completes', async () => {
    await using bed = createTestBed(fleet);
    void bed.client.connect();
    await bed.clock.settle();
    const log: string[] = [];
    toRx(bed.client).state$.subscribe({ error: () => log.push('error'), complete: () => log.push('complete') });
    bed.link.refuse(3);
    bed.link.drop();
    await bed.clock.advance(60_000);
    expect(bed.client.state.status).toBe('connected');
    expect(log).toEqual([]);
  });

  test('a subscriber that connects on the first value sees what follows, in order', async () => {
    await using bed = createTestBed(fleet);
    const all: ConnectionState[] = [bed.client.state];
    bed.client.onState((s) => all.push(s));
    const log: ConnectionState[] = [];
    toRx(bed.client).state$.subscribe((s) => {
      log.push(s);
      if (s.status === 'idle') void bed.client.connect();
    });
    await bed.clock.settle();
    expect(log.at(-1)?.status).toBe('connected');
    expect(log).toEqual(all);
  });

  test('leaves no listener, even when only the first value is taken', async () => {
    await using bed = createTestBed(fleet);
    const listeners = countListeners(bed.client);
    const { state$ } = toRx(bed.client);
    state$.pipe(take(1)).subscribe();
    expect(listeners()).toBe(0);
    const subscription = state$.subscribe();
    expect(listeners()).toBe(1);
    subscription.unsubscribe();
    expect(listeners()).toBe(0);
    state$.subscribe();
    await bed.client.close();
    expect(listeners()).toBe(0);
  });
});
