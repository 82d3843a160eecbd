import { defineContract, topic } from '@hawser/core';
import { createTestBed, type TestBed } from '@hawser/core/testing';
import { describe, expect, it } from 'vitest';
import { defaultRates } from '../../src/accept/rates.ts';
import * as z from 'zod';
import { boardOf, recorder, topicPackets, type Board } from './topic-bed.ts';

const f1 = { fleetId: 'f1' };

/** Lets everything under way arrive. */
const settle = (bed: TestBed<Board>, time = 0): Promise<void> => bed.clock.advance(time);

describe('the wire subscription', () => {
  it('is one, however many subscribe, whatever object says the parameters', async () => {
    await using bed = boardOf();
    const one = recorder<number>();
    const two = recorder<number>();
    const handle = bed.client.topic('telemetry', f1);
    handle.subscribe(one);
    bed.client.topic('telemetry', { fleetId: 'f1' }).subscribe(two);
    expect(bed.client.topic('telemetry', { ...f1 })).toBe(handle);
    await settle(bed);
    bed.server.publish('telemetry', f1, 20);
    await settle(bed);
    expect([one.told, two.told]).toEqual([['20 @1'], ['20 @1']]);
    expect(topicPackets(bed, 'client')).toEqual([[[42, 1, 'telemetry', { fleetId: 'f1' }]]]);
    expect(bed.server.subscribers('telemetry', f1)).toBe(1);
  });

  it('compares parameters by value, not by order of keys, and tells different ones apart', async () => {
    await using bed = boardOf();
    const a = bed.client.topic('log', { of: 'a', level: 1 });
    a.subscribe(() => undefined);
    expect(bed.client.topic('log', { level: 1, of: 'a' })).toBe(a);
    bed.client.topic('log', { level: 2, of: 'a' }).subscribe(() => undefined);
    bed.client.topic('log', { of: 'a' }).subscribe(() => undefined);
    await settle(bed);
    expect(topicPackets(bed, 'client')[0]).toHaveLength(3);
    expect(bed.server.subscribers('log')).toBe(3);
    expect(bed.server.subscribers('log', { of: 'a' })).toBe(1);
  });

  it('reads the parameters when the handle is asked for: later changes of the object are nobody’s', async () => {
    await using bed = boardOf();
    const params = { fleetId: 'f1' };
    const handle = bed.client.topic('telemetry', params);
    params.fleetId = 'f2';
    handle.subscribe(() => undefined);
    await settle(bed);
    expect(bed.server.subscribers('telemetry', f1)).toBe(1);
  });

  it('ends a grace period after the last one left', async () => {
    await using bed = boardOf();
    const handle = bed.client.topic('notices');
    const a = handle.subscribe(() => undefined);
    const b = handle.subscribe(() => undefined);
    await settle(bed);
    a.unsubscribe();
    a.unsubscribe();
    await settle(bed, 5_000);
    expect(b.closed).toBe(false);
    expect(bed.server.subscribers('notices')).toBe(1);
    b.unsubscribe();
    expect([a.closed, b.closed]).toEqual([true, true]);
    await settle(bed, 999);
    expect(handle.getSnapshot().status).toBe('live');
    await settle(bed, 1);
    expect(handle.getSnapshot()).toEqual({ status: 'idle', gap: false });
    expect(bed.server.subscribers('notices')).toBe(0);
    expect(topicPackets(bed, 'client')).toEqual([[[42, 1, 'notices']], [[43, 1]]]);
  });

  it('survives mount, unmount, mount: one subscribe, no unsubscribe', async () => {
    await using bed = boardOf();
    await bed.client.connect();
    const mount = (): (() => void) => {
      const subscription = bed.client.topic('telemetry', { fleetId: 'f1' }).subscribe(() => undefined);
      return () => subscription.unsubscribe();
    };
    mount()();
    const unmount = mount();
    await settle(bed, 500);
    unmount();
    await settle(bed, 500);
    mount();
    await settle(bed, 5_000);
    expect(topicPackets(bed, 'client')).toEqual([[[42, 1, 'telemetry', f1]]]);
  });

  it('sends nothing when it is taken back before it left', async () => {
    await using bed = boardOf();
    await bed.client.connect();
    bed.client
      .topic('notices')
      .subscribe(() => undefined)
      .unsubscribe();
    await settle(bed, 5_000);
    bed.link.refuse(3);
    bed.link.drop();
    bed.client
      .topic('notices')
      .subscribe(() => undefined)
      .unsubscribe();
    await settle(bed, 60_000);
    expect(bed.client.state.status).toBe('connected');
    expect(topicPackets(bed, 'client')).toEqual([]);
    expect(bed.client.topic('notices').getSnapshot().status).toBe('idle');
  });

  it.each([
    ['that never left', false],
    ['that was live', true],
  ])('leaves no timer when the client is closed in the grace period of one %s', async (_, live) => {
    /** Timers of both ends right after the client is closed; the server has one of its own. */
    const left = async (use: (bed: ReturnType<typeof boardOf>) => unknown): Promise<number> => {
      await using bed = boardOf();
      await bed.client.connect();
      await use(bed);
      await bed.client.close();
      return bed.clock.pending;
    };
    const subscribed = await left(async (bed) => {
      const subscription = bed.client.topic('notices').subscribe(() => undefined);
      if (live) await settle(bed);
      subscription.unsubscribe();
    });
    expect(subscribed).toBe(await left(() => undefined));
  });

  it('keeps the connection wanted until the grace period is over', async () => {
    await using bed = boardOf({ client: { idleTimeout: 2_000, topicGrace: 500 } });
    const subscription = bed.client.topic('notices').subscribe(() => undefined);
    await settle(bed, 60_000);
    expect(bed.client.state.status).toBe('connected');
    subscription.unsubscribe();
    await settle(bed, 2_400);
    expect(bed.client.state.status).toBe('connected');
    await settle(bed, 200);
    expect(bed.client.state.status).toBe('idle');
  });

  it('is found by a handle that somebody kept, so there are never two', async () => {
    await using bed = boardOf();
    const kept = bed.client.topic('notices');
    kept.subscribe(() => undefined).unsubscribe();
    await settle(bed, 2_000);
    bed.client.topic('notices').subscribe(() => undefined);
    const told = recorder<string>();
    kept.subscribe(told);
    await settle(bed);
    expect(kept.getSnapshot().status).toBe('live');
    bed.server.publish('notices', undefined, 'x');
    await settle(bed);
    expect(told.told).toEqual(['"x" @1']);
    expect(topicPackets(bed, 'client')).toHaveLength(1);
  });

  it('is one on the server, too, when two ways to say the parameters mean the same', async () => {
    await using bed = boardOf();
    const told = recorder<number>();
    const at = new Date(0);
    bed.client.topic('day', { at }).subscribe(told);
    bed.client.topic('day', { at: '1970-01-01' }).subscribe(told);
    await settle(bed);
    bed.server.publish('day', { at }, 1);
    await settle(bed);
    expect(told.told).toEqual(['1 @1', '1 @1']);
    expect(
      topicPackets(bed, 'server')
        .flat()
        .filter(([kind]) => kind === 44),
    ).toHaveLength(1);
    expect(bed.server.subscribers('day', { at })).toBe(1);
  });
});

describe('a late subscriber', () => {
  it('is given what the server retains, last or so many', async () => {
    await using bed = boardOf();
    for (const n of [1, 2, 3, 4, 5]) {
      bed.server.publish('telemetry', f1, n);
      bed.server.publish('log', { of: 'a' }, `line ${n}`);
      bed.server.publish('notices', undefined, `${n}`);
    }
    const told = [recorder<number>(), recorder<string>(), recorder<string>()] as const;
    bed.client.topic('telemetry', f1).subscribe(told[0]);
    bed.client.topic('log', { of: 'a' }).subscribe(told[1]);
    bed.client.topic('notices').subscribe(told[2]);
    await settle(bed);
    expect(told.map((each) => each.told)).toEqual([['5 @5'], ['"line 3" @3', '"line 4" @4', '"line 5" @5'], []]);
  });

  it('of the same client is given the last one, in its turn', async () => {
    await using bed = boardOf();
    bed.server.publish('telemetry', f1, 1);
    bed.client.topic('telemetry', f1).subscribe(() => undefined);
    bed.client.topic('notices').subscribe(() => undefined);
    await settle(bed);
    bed.server.publish('notices', undefined, 'x');
    await settle(bed);
    const told = recorder<number>();
    const notices = recorder<string>();
    bed.client.topic('telemetry', f1).subscribe(told);
    bed.client.topic('notices').subscribe(notices);
    expect(told.told).toEqual([]);
    await settle(bed);
    expect(told.told).toEqual(['1 @1']);
    expect(notices.told).toEqual([]);
  });
});

describe('snapshots', () => {
  it('go through pending, live, stale and back, each an object of its own', async () => {
    await using bed = boardOf();
    const topic = bed.client.topic('telemetry', f1);
    const seen: unknown[] = [];
    const stop = topic.onChange(() => seen.push(topic.getSnapshot()));
    expect(topic.getSnapshot()).toBe(topic.getSnapshot());
    const subscription = topic.subscribe(() => undefined);
    await settle(bed);
    bed.server.publish('telemetry', f1, 7);
    await settle(bed);
    expect(topic.getSnapshot()).toBe(topic.getSnapshot());
    bed.link.drop();
    await settle(bed, 5_000);
    subscription.unsubscribe();
    await settle(bed, 5_000);
    stop();
    topic.subscribe(() => undefined);
    expect(seen).toEqual([
      { status: 'pending', gap: false },
      { status: 'live', data: undefined, gap: false },
      { status: 'live', data: 7, gap: false },
      { status: 'stale', data: 7, gap: false },
      { status: 'live', data: 7, gap: false },
      { status: 'idle', gap: false },
    ]);
  });
});

describe('how often a client may subscribe', () => {
  it.each([
    [{ perSecond: Infinity, burst: 1 }, 700, []],
    [{ perSecond: 50, burst: 512 }, 700, [4529]],
  ])('is what the server says: %j', async (subscriptions, times, closed) => {
    await using bed = boardOf({ client: { topicGrace: 0 }, server: { rates: { ...defaultRates, subscriptions } } });
    await bed.client.connect();
    for (let n = 0; n < times; n += 1) {
      const { unsubscribe } = bed.client.topic('notices').subscribe(() => undefined);
      await settle(bed);
      unsubscribe();
      await settle(bed, 1);
    }
    expect(bed.link.log.filter(({ event }) => event === 'close').map(({ code }) => code)).toEqual(closed);
  });
});

describe('what goes wrong on the way', () => {
  it('is a problem, not an end: data that does not fit, a subscriber that throws', async () => {
    await using bed = boardOf();
    const problems: string[] = [];
    bed.client.onProblem(({ kind, name }) => problems.push(`${kind} ${name}`));
    const told = recorder<number>();
    const topic = bed.client.topic('telemetry', f1);
    topic.subscribe(() => {
      throw new Error('mine');
    });
    topic.subscribe(told);
    await settle(bed);
    bed.server.publish('telemetry', f1, 'x' as unknown as number);
    bed.server.publish('telemetry', f1, 2);
    await settle(bed);
    expect(told.told).toEqual(['2 @2 gap']);
    expect(problems).toEqual(['invalid-message telemetry', 'handler-error telemetry']);
  });

  it('is thrown at the publisher: unknown names, data over the limit, and with `both` data that does not fit', async () => {
    await using bed = boardOf({ server: { validation: 'both' } });
    const publish = bed.server.publish as (name: string, params: unknown, data: unknown) => void;
    bed.client.topic('notices').subscribe(() => undefined);
    await settle(bed);
    expect(() => publish('nope', undefined, 1)).toThrow(expect.objectContaining({ code: 'UNIMPLEMENTED' }));
    expect(() => publish('notices', undefined, 1)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    expect(() => publish('notices', undefined, 'x'.repeat(65_530))).toThrow(
      expect.objectContaining({ code: 'TOO_LARGE' }),
    );
    publish('notices', undefined, 'x'.repeat(65_520));
    await settle(bed);
    expect(bed.client.topic('notices').getSnapshot().data).toHaveLength(65_520);
  });

  it('is told to the subscriber: a schema that makes of parameters what JSON cannot tell apart', async () => {
    const tags = z.array(z.string()).transform((list) => new Set(list));
    const big = z.string().transform((text) => BigInt(text));
    const odd = defineContract({
      id: 'odd/1',
      topics: { tags: topic({ params: tags, data: z.number() }), big: topic({ params: big, data: z.number() }) },
    });
    for (const decided of [undefined, Promise.resolve()]) {
      await using bed = createTestBed(odd, { server: { authorizeTopic: () => decided } });
      const told = [recorder<number>(), recorder<number>()] as const;
      bed.client.topic('tags', ['a']).subscribe(told[0]);
      bed.client.topic('big', '5').subscribe(told[1]);
      await bed.clock.advance(0);
      bed.server.publish('tags', new Set(['b']), 7);
      await bed.clock.advance(0);
      expect(told.map((each) => each.told)).toEqual([['INVALID_INPUT'], ['INVALID_INPUT']]);
    }
  });

  it('is thrown at the subscriber: parameters that cannot be encoded, or are very long', async () => {
    await using bed = boardOf();
    expect(() => bed.client.topic('telemetry', { fleetId: 1n as unknown as string })).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    );
    expect(() => bed.client.topic('telemetry', { fleetId: 'x'.repeat(5_000) })).toThrow(
      expect.objectContaining({ code: 'TOO_LARGE' }),
    );
  });
});

describe('one tick', () => {
  it('of publishes is one packet for each subscriber, shared or not', async () => {
    await using bed = boardOf();
    const other = bed.connectClient();
    const told = recorder<unknown>();
    bed.client.topic('notices').subscribe(told);
    bed.client.topic('telemetry', f1).subscribe(told);
    other.topic('notices').subscribe(() => undefined);
    await settle(bed);
    bed.link.log.length = 0;
    for (const text of ['a', 'b', 'c']) bed.server.publish('notices', undefined, text);
    await settle(bed);
    const shared = bed.link.log.filter(({ direction, event }) => direction === 'server' && event === 'message');
    expect(shared).toHaveLength(2);
    expect(shared[0]?.data).toBe(shared[1]?.data);
    bed.server.publish('notices', undefined, 'd');
    bed.server.publish('telemetry', f1, 1);
    await settle(bed);
    expect(
      topicPackets(bed, 'server')
        .slice(2)
        .map((frames) => frames.length),
    ).toEqual([2, 1]);
    expect(told.told).toEqual(['"a" @1', '"b" @2', '"c" @3', '"d" @4', '1 @1']);
  });

  it('of very many publishes loses nothing to a reader that keeps up, also when something else is under way', async () => {
    await using bed = boardOf();
    const told = recorder<number>();
    bed.client.topic('telemetry', f1).subscribe(told);
    await settle(bed);
    for (const peer of bed.server.peers.values()) (peer as unknown as { flush(): void }).flush();
    bed.server.publish('notices', undefined, 'x');
    for (let n = 1; n <= 20_000; n += 1) bed.server.publish('telemetry', f1, n);
    await settle(bed);
    expect(told.told).toHaveLength(20_000);
    expect(told.told.some((text) => text.endsWith('gap'))).toBe(false);
  });

  it('of very many tiny publishes to several topics loses nothing either', async () => {
    await using bed = boardOf();
    const told = [recorder<number>(), recorder<number>()] as const;
    for (const [n, recorded] of told.entries()) bed.client.topic('telemetry', { fleetId: `f${n}` }).subscribe(recorded);
    await settle(bed);
    for (let n = 0; n < 3_000; n += 1) bed.server.publish('telemetry', { fleetId: `f${n % 2}` }, 1);
    await settle(bed);
    for (const recorded of told) {
      expect(recorded.told).toHaveLength(1_500);
      expect(recorded.told.some((text) => text.endsWith('gap'))).toBe(false);
    }
  });

  it('in which somebody subscribes gives nobody anything twice', async () => {
    await using bed = boardOf();
    const told = [recorder<number>(), recorder<number>()] as const;
    const late = bed.connectClient();
    bed.client.topic('telemetry', f1).subscribe(told[0]);
    const connected = late.connect();
    await settle(bed);
    await connected;
    late.topic('telemetry', f1).subscribe(told[1]);
    late.send('note', { n: 1 });
    bed.server.on('note', () => bed.server.publish('telemetry', f1, 5));
    await settle(bed);
    expect(told.map((each) => each.told)).toEqual([['5 @1'], ['5 @1']]);
    const published = topicPackets(bed, 'server').flat();
    expect(published.filter(([kind]) => kind === 44)).toHaveLength(2);
  });
});
