import { createTestBed } from '@hawser/core/testing';
import { type Observable, take } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test } from 'vitest';
import { fleet } from '../test/fleet.ts';
import { countListeners } from '../test/listener-count.ts';
import { type Rx, toRx } from './index.ts';

const warn = { level: 'warn', text: 'warm' } as const;
const crit = { level: 'crit', text: 'hot' } as const;
const reading = { deviceId: 'd1', celsius: 20 };

const both: [string, (rx: Rx<typeof fleet>) => Observable<unknown>, number][] = [
  ['message$', (rx) => rx.message$('alarm'), 1],
  // Three messages; the server's call is not one.
  ['messages$', (rx) => rx.messages$, 3],
];

describe('message$', () => {
  test('emits the data of its message only, as the schema makes it', async () => {
    await using bed = createTestBed(fleet);
    const rx = toRx(bed.client);
    const alarms: unknown[] = [];
    const dates: number[] = [];
    rx.message$('alarm').subscribe((a) => alarms.push(a));
    rx.message$('maintenance').subscribe((m) => dates.push(m.at.getTime()));
    await bed.clock.settle();
    bed.server.broadcast('alarm', warn);
    bed.server.broadcast('reading', reading);
    bed.server.broadcast('maintenance', { at: new Date(5) });
    bed.server.broadcast('alarm', crit);
    await bed.clock.settle();
    expect(alarms).toEqual([warn, crit]);
    expect(dates).toEqual([5]);
  });
});

describe('messages$', () => {
  test('emits when the message arrives, from the subscription to its end', async () => {
    await using bed = createTestBed(fleet);
    const { messages$ } = toRx(bed.client);
    void bed.client.connect();
    await bed.clock.settle();
    const values = { a: warn, b: crit };
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, expectObservable }) => {
      // The bed's time stands still while marbles move: deliver at once.
      cold('a-b-a-b-a|', values).subscribe((alarm) => {
        bed.server.broadcast('alarm', alarm);
        bed.clock.advanceSync(0);
      });
      const named = { a: { type: 'alarm' as const, data: warn }, b: { type: 'alarm' as const, data: crit } };
      expectObservable(messages$, '-^-----!').toBe('--b-a-b', named);
    });
  });

  test('emits every message with its type, in order of arrival', async () => {
    await using bed = createTestBed(fleet);
    const seen: unknown[] = [];
    toRx(bed.client).messages$.subscribe((m) => seen.push(m));
    await bed.clock.settle();
    bed.server.broadcast('alarm', warn);
    bed.server.broadcast('reading', reading);
    bed.server.broadcast('alarm', crit);
    await bed.clock.settle();
    expect(seen).toEqual([
      { type: 'alarm', data: warn },
      { type: 'reading', data: reading },
      { type: 'alarm', data: crit },
    ]);
  });
});

describe.each(both)('%s', (_, pick, listens) => {
  test('goes on over a lost link, with nothing missing', async () => {
    await using bed = createTestBed(fleet);
    const seen: unknown[] = [];
    const log: string[] = [];
    pick(toRx(bed.client)).subscribe({
      next: (m) => seen.push(m),
      error: () => log.push('error'),
      complete: () => log.push('complete'),
    });
    await bed.clock.settle();
    bed.server.broadcast('alarm', warn);
    await bed.clock.settle();
    bed.link.drop();
    bed.server.broadcast('alarm', crit);
    await bed.clock.advance(30_000);
    expect(seen).toHaveLength(2);
    expect(log).toEqual([]);
  });

  test('a message that does not match the contract ends nothing', async () => {
    await using bed = createTestBed(fleet);
    const problems: string[] = [];
    bed.client.onProblem((p) => problems.push(p.kind));
    const seen: unknown[] = [];
    const log: string[] = [];
    pick(toRx(bed.client)).subscribe({ next: (m) => seen.push(m), error: () => log.push('error') });
    await bed.clock.settle();
    bed.server.broadcast('alarm', { level: 'none' } as never);
    bed.server.broadcast('alarm', warn);
    await bed.clock.settle();
    expect(problems).toEqual(['invalid-message']);
    expect(seen).toHaveLength(1);
    expect(log).toEqual([]);
  });

  test('completes when the client closes, and at once on a closed one', async () => {
    await using bed = createTestBed(fleet);
    const observable = pick(toRx(bed.client));
    const log: string[] = [];
    observable.subscribe({ complete: () => log.push('complete') });
    await bed.client.close();
    expect(log).toEqual(['complete']);
    observable.subscribe({ error: () => log.push('error'), complete: () => log.push('late complete') });
    expect(log).toEqual(['complete', 'late complete']);
  });

  test('on a client that is draining it waits for the end instead of failing', async () => {
    await using bed = createTestBed(fleet);
    const listeners = countListeners(bed.client);
    const observable = pick(toRx(bed.client));
    void bed.client.connect();
    await bed.clock.settle();
    bed.link.halfOpen();
    bed.client.send('ping');
    const closed = bed.client.close({ drain: 500 });
    const log: string[] = [];
    observable.subscribe({ error: () => log.push('error'), complete: () => log.push('complete') });
    expect(bed.client.state.status).toBe('connected');
    expect(log).toEqual([]);
    await bed.clock.advance(5_000);
    await closed;
    expect(log).toEqual(['complete']);
    expect(listeners()).toBe(0);
  });

  test('listens once per message while subscribed, and leaves nothing behind', async () => {
    await using bed = createTestBed(fleet);
    const listeners = countListeners(bed.client);
    const observable = pick(toRx(bed.client));
    expect(listeners()).toBe(0);
    const subscription = observable.subscribe();
    // One more for the end of the client.
    expect(listeners()).toBe(listens + 1);
    subscription.unsubscribe();
    expect(listeners()).toBe(0);

    observable.pipe(take(1)).subscribe();
    await bed.clock.settle();
    bed.server.broadcast('alarm', warn);
    await bed.clock.settle();
    expect(listeners()).toBe(0);

    observable.subscribe();
    await bed.client.close();
    expect(listeners()).toBe(0);
  });
});
