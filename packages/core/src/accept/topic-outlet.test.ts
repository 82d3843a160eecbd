import { describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import { topic } from '../peer/topic/define-topic.ts';
import type { Encoded } from '../wire/codec.ts';
import { defaultWireLimits } from '../wire/limits.ts';
import { jsonCodec } from '../wire/json-codec.ts';
import { acceptDefaults } from './defaults.ts';
import { TopicHub } from './topic-hub.ts';
import { TopicOutlet, type OutletPump } from './topic-outlet.ts';

const thing = (of: unknown): string => (of as { of: string }).of;

/** A hub, and one client of it whose socket the test fills and empties. */
function setUp(): {
  hub: TopicHub;
  outlet: TopicOutlet;
  socket: { full: boolean };
  /** Frames that left so far. */
  left: () => unknown[][];
  subscribe: (sid: number, name: string) => void;
  /** The end of a tick. */
  flush: () => void;
} {
  const clock = new ManualClock();
  const hub = new TopicHub({
    topics: { quotes: topic({ conflate: thing }), ticks: topic({}) },
    codecs: [jsonCodec],
    clock,
    validation: 'off',
    limits: acceptDefaults.topics,
    authorize: undefined,
    onProblem: () => undefined,
  });
  const socket = { full: false };
  const packets: Encoded[] = [];
  const outputs: unknown[] = [];
  const pump: OutletPump = {
    endpoint: {
      attached: true,
      options: { codec: jsonCodec },
      outputs: { push: (output) => outputs.push(output) },
      session: { ackAt: Number.POSITIVE_INFINITY },
      urgency: 0,
    },
    link: { send: (packet) => void packets.push(packet) },
    awake: false,
    get congested() {
      return socket.full;
    },
    wake: () => undefined,
    flush: () => flush(),
  };
  const outlet = new TopicOutlet(hub, { auth: undefined }, pump);
  outlet.attached(defaultWireLimits);
  function flush(): void {
    clock.runDeferred();
    for (let item = outlet.next(50_000); item !== undefined; item = outlet.next(50_000))
      packets.push(jsonCodec.encodePacket(0, 0, [item.encoded]));
  }
  return {
    hub,
    outlet,
    socket,
    left: () => packets.splice(0).flatMap((packet) => (JSON.parse(String(packet)) as unknown[][]).slice(2)),
    subscribe(sid, name) {
      outlet.take([42, sid, name]);
      for (const [, run] of outputs.splice(0) as [0, () => void][]) run();
      flush();
    },
    flush,
  };
}

describe('a reader that was slow', () => {
  it('is told of a loss although nothing waits for it any more', () => {
    const { hub, outlet, socket, left, subscribe, flush } = setUp();
    subscribe(1, 'quotes');
    subscribe(2, 'ticks');
    left();
    socket.full = true;
    hub.publish('quotes', undefined, { of: 'a' });
    flush();
    // So many that what waited before them has to go.
    for (let n = 0; n < 1_100; n += 1) hub.publish('ticks', undefined, undefined);
    flush();
    expect(outlet.held.count).toBe(1_000);
    socket.full = false;
    flush();
    const frames = left();
    expect(frames.filter(([kind, tid]) => kind === 44 && tid === 2)).toHaveLength(1_000);
    // Nobody knows when the next message comes, so it is told now.
    expect(frames.filter(([, tid]) => tid !== 2)).toEqual([[45, 1, 1, expect.any(String), 1, false]]);
    expect(outlet.held.count).toBe(0);
    hub.publish('quotes', undefined, { of: 'b' });
    flush();
    expect(left()).toEqual([[44, 1, 2, { of: 'b' }]]);
    hub.publish('quotes', undefined, { of: 'c' });
    flush();
    expect(left()).toEqual([[44, 1, 3, { of: 'c' }]]);
  });

  it('gets what was published before the topic ended, and nothing more of what was taken away', () => {
    for (const [revoked, expected] of [
      [false, [44, 46]],
      [true, [46]],
    ] as const) {
      const { hub, outlet, socket, left, subscribe, flush } = setUp();
      subscribe(1, 'ticks');
      left();
      socket.full = true;
      hub.publish('ticks', undefined, undefined);
      if (revoked) outlet.revoke('ticks', undefined, 'no');
      else hub.endTopic('ticks', undefined);
      socket.full = false;
      flush();
      expect(left().map(([kind]) => kind)).toEqual(expected);
      expect(outlet.size).toBe(0);
    }
  });

  it('is looked at again while something waits', () => {
    const { hub, outlet, socket, subscribe, flush } = setUp();
    subscribe(1, 'ticks');
    expect(outlet.deadline).toBe(Number.POSITIVE_INFINITY);
    socket.full = true;
    hub.publish('ticks', undefined, undefined);
    flush();
    expect(outlet.deadline).toBeLessThan(Number.POSITIVE_INFINITY);
    outlet.detached();
    expect([outlet.deadline, outlet.size, hub.subscribers('ticks')]).toEqual([Number.POSITIVE_INFINITY, 0, 0]);
  });
});
