import {
  createClient,
  defineContract,
  topic,
  type TopicData,
  type TopicHandle,
  type TopicMeta,
  type TopicSnapshot,
} from '@hawser/core';
import { createTestBed } from '@hawser/core/testing';
import * as v from 'valibot';
import { describe, expectTypeOf, it } from 'vitest';
import * as z from 'zod';

const reading = z.object({ deviceId: z.string(), celsius: z.number(), at: z.number() });
type Reading = z.infer<typeof reading>;

const fleet = defineContract({
  id: 'acme.fleet/1',
  topics: {
    telemetry: topic({ params: z.object({ fleetId: z.string() }), data: reading, retain: 'last' }),
    notices: topic({ data: z.string() }),
    ticks: topic({}),
    day: topic({ params: z.object({ at: z.coerce.date() }), data: z.coerce.date() }),
    quotes: topic({
      data: z.object({ of: z.string(), at: z.number() }),
      conflate: (quote) => {
        expectTypeOf(quote).toEqualTypeOf<{ of: string; at: number }>();
        return quote.of;
      },
    }),
    rooms: topic({ params: v.object({ room: v.picklist(['a', 'b']) }), data: v.number(), retain: 20 }),
  },
});
type Fleet = typeof fleet;

const client = createClient({ contract: fleet, url: 'ws://localhost:1', topicGrace: 500 });

describe('topics', () => {
  it('are typed by the contract: the sample of the documentation', async () => {
    const telemetry = client.topic('telemetry', { fleetId: 'f1' });
    expectTypeOf(telemetry).toEqualTypeOf<TopicHandle<Reading>>();
    const a = telemetry.subscribe((r) => expectTypeOf(r.celsius).toEqualTypeOf<number>());
    a.unsubscribe();
    telemetry.subscribe({
      next: (r, meta) => {
        expectTypeOf(r).toEqualTypeOf<Reading>();
        expectTypeOf(meta).toEqualTypeOf<TopicMeta>();
      },
      error: (error) => expectTypeOf(error.origin).toEqualTypeOf<'system'>(),
      complete: () => undefined,
    });
    const snap = telemetry.getSnapshot();
    if (snap.status === 'live' || snap.status === 'stale') expectTypeOf(snap.data).toEqualTypeOf<Reading | undefined>();
    for await (const r of telemetry.values({ buffer: { size: 1_000, overflow: 'drop-oldest' } })) {
      expectTypeOf(r).toEqualTypeOf<Reading>();
      if (r.celsius > 90) break;
    }
    expectTypeOf<TopicData<Fleet, 'notices'>>().toEqualTypeOf<string>();
    client.topic('notices').subscribe((text) => expectTypeOf(text).toEqualTypeOf<string>());
    client.topic('ticks').subscribe((nothing) => expectTypeOf(nothing).toEqualTypeOf<undefined>());
    client.topic('rooms', { room: 'a' }).subscribe((n) => expectTypeOf(n).toEqualTypeOf<number>());
  });

  it('do not compile with another name, other parameters, or another buffer', () => {
    // @ts-expect-error nobody declared this topic
    client.topic('nope');
    // @ts-expect-error the parameters are missing
    client.topic('telemetry');
    // @ts-expect-error a parameter is missing
    client.topic('telemetry', {});
    // @ts-expect-error the parameter is of another type
    client.topic('telemetry', { fleetId: 1 });
    // @ts-expect-error this topic has no parameters
    client.topic('notices', { fleetId: 'f1' });
    // @ts-expect-error the room is unknown
    client.topic('rooms', { room: 'c' });
    // @ts-expect-error not what is published
    client.topic('notices').subscribe((text: number) => text);
    // @ts-expect-error a buffer without an overflow policy
    client.topic('notices').values({ buffer: { size: 1 } });
    // @ts-expect-error an endless buffer
    client.topic('notices').values({ buffer: 'all' });
    // @ts-expect-error not a way to retain
    topic({ retain: 'all' });
    // @ts-expect-error it must name what a message is about
    topic({ data: z.string(), conflate: () => 1 });
  });

  it('have snapshots that are a union on status', () => {
    function show(s: TopicSnapshot<number>): string {
      switch (s.status) {
        case 'idle':
        case 'pending':
          return (s.data satisfies undefined, 'waiting');
        case 'live':
        case 'stale':
        case 'ended':
          return String(s.data ?? '');
        case 'error':
          return s.error.code;
        default:
          return s satisfies never;
      }
    }
    expectTypeOf(show).toBeFunction();
  });

  it('take what schemas make of parameters at the server, and what they accept of data', () => {
    const bed = createTestBed(fleet);
    bed.server.publish('telemetry', { fleetId: 'f1' }, { deviceId: 'd1', celsius: 21, at: 0 });
    bed.server.publish('notices', undefined, 'x');
    bed.server.publish('ticks', undefined);
    bed.server.publish('day', { at: new Date() }, '2020-01-01');
    expectTypeOf(bed.server.subscribers('telemetry')).toEqualTypeOf<number>();
    bed.server.subscribers('telemetry', { fleetId: 'f1' });
    bed.server.endTopic('notices', undefined);
    for (const peer of bed.server.peers.values()) peer.revokeTopic('telemetry', { fleetId: 'f1' }, 'no');
    // @ts-expect-error nobody declared this topic
    bed.server.publish('nope', undefined, 1);
    // @ts-expect-error the data is missing
    bed.server.publish('telemetry', { fleetId: 'f1' });
    // @ts-expect-error the data is of another shape
    bed.server.publish('telemetry', { fleetId: 'f1' }, { celsius: 21 });
    // @ts-expect-error the parameters are missing
    bed.server.publish('notices', 'x');
    // @ts-expect-error the schema makes a date of it
    bed.server.publish('day', { at: '2020-01-01' }, '2020-01-01');
    // @ts-expect-error there is no data
    bed.server.publish('ticks', undefined, 1);
    // @ts-expect-error the parameters are of another type
    bed.server.endTopic('telemetry', { fleetId: 1 });
  });
});
