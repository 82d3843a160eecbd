import { describe, expect, it } from 'vitest';
import { TopicLane, type LaneTopic } from './topic-lane.ts';
import { Topic, type Publication, type TopicNeeds } from './topic-registry.ts';

const registryLimits = { retainedBytes: 1_000, idleTopics: 1, idleBytes: 1, window: 0 };
const roomy = { count: 100, bytes: 1_000, own: 3 };
const everything = Number.POSITIVE_INFINITY;

function viewOf(conflates = false, retain?: TopicNeeds['retain']): LaneTopic & { readonly topic: Topic<unknown> } {
  const topic = new Topic<unknown>({ key: 't', name: 't', retain, conflates }, 7, 'e', registryLimits);
  return { topic, lost: false, over: false };
}

function needs(name: string): TopicNeeds {
  return { key: name, name, retain: undefined, conflates: false };
}

function laneOf(limits = roomy): TopicLane {
  return new TopicLane(0, (_, offset) => [own(`lost up to ${offset}`)], limits);
}

function own(encoded: string, bytes = 10): { encoded: string; bytes: number; seq: 0 } {
  return { encoded, bytes, seq: 0 };
}

function message(offset: number, about?: string, bytes = 10): Publication {
  return { offset, about, frames: [`${about ?? 'm'}${offset}`], bytes: [bytes] };
}

/** Everything that leaves. */
function drain(lane: TopicLane, largest = everything): unknown[] {
  const left: unknown[] = [];
  for (let item = lane.next(everything, largest); item !== undefined; item = lane.next(everything, largest))
    left.push(item.encoded);
  return left;
}

describe('a lane', () => {
  it('keeps the order of all that waits', () => {
    const lane = laneOf();
    const view = viewOf(false, 3);
    for (const offset of [1, 2, 3]) view.topic.add(message(offset));
    lane.tell(own('state'));
    lane.replay(view, 1, 3);
    lane.publish(view, message(4), false);
    lane.tell(own('end'));
    expect(lane.isEmpty).toBe(false);
    expect(drain(lane)).toEqual(['state', 'm2', 'm3', 'm4', 'end']);
    expect([lane.isEmpty, lane.held]).toEqual([true, { count: 0, bytes: 0 }]);
  });

  it('gives nothing larger than the room there is, and everything later', () => {
    const lane = laneOf();
    const view = viewOf(false, 1);
    view.topic.add(message(1));
    lane.tell(own('state'));
    lane.replay(view, 0, 1);
    lane.publish(view, message(2), false);
    for (const encoded of ['state', 'm1', 'm2']) {
      expect(lane.next(9, everything)).toBeUndefined();
      expect(lane.next(10, everything)?.encoded).toBe(encoded);
    }
  });

  it('drops the oldest messages over its bounds, and never what is for this subscriber alone', () => {
    const lane = laneOf({ count: 3, bytes: 1_000, own: 9 });
    const view = viewOf();
    lane.tell(own('state'));
    for (let offset = 1; offset <= 5; offset += 1) lane.publish(view, message(offset), true);
    expect(lane.held).toEqual({ count: 3, bytes: 30 });
    expect(drain(lane)).toEqual(['state', 'm3', 'm4', 'm5']);
    const narrow = laneOf({ count: 100, bytes: 25, own: 9 });
    for (let offset = 1; offset <= 5; offset += 1) narrow.publish(view, message(offset), true);
    expect(drain(narrow)).toEqual(['m4', 'm5']);
  });

  it('makes up for the last messages of a topic that another one pushed out, from what is retained', () => {
    const lane = laneOf({ count: 3, bytes: 1_000, own: 9 });
    const [log, feed] = [
      viewOf(false, 2),
      { ...viewOf(), topic: new Topic<unknown>(needs('feed'), 8, 'e', registryLimits) },
    ];
    for (const offset of [1, 2, 3]) {
      log.topic.add(message(offset));
      lane.publish(log, message(offset), true);
    }
    for (let offset = 1; offset <= 4; offset += 1) lane.publish(feed, message(offset, 'f'), false);
    expect(drain(lane)).toEqual(['f2', 'f3', 'm2', 'm3', 'f4']);
    expect(lane.isEmpty).toBe(true);
  });

  it('tells of history that is gone when its turn comes, after what came later', () => {
    const lane = laneOf();
    const view = viewOf(false, 1);
    lane.replay(view, 3, 5);
    lane.tell(own('state'));
    expect(drain(lane)).toEqual(['state', 'lost up to 5']);
    expect(lane.isEmpty).toBe(true);
  });

  it('tells that the last messages of a topic are lost where nothing is retained', () => {
    const lane = laneOf({ count: 2, bytes: 1_000, own: 9 });
    const [quiet, feed] = [viewOf(), { ...viewOf(), topic: new Topic<unknown>(needs('feed'), 8, 'e', registryLimits) }];
    lane.publish(quiet, message(5), true);
    for (let offset = 1; offset <= 3; offset += 1) lane.publish(feed, message(offset, 'f'), false);
    expect(drain(lane)).toEqual(['f2', 'lost up to 5', 'f3']);
    lane.publish(quiet, message(6), true);
    expect(drain(lane)).toEqual(['m6']);
  });

  it('keeps the latest about each thing for a slow reader, in order of offsets', () => {
    const lane = laneOf();
    const view = viewOf(true);
    for (const [offset, about] of ['a', 'b', 'a', 'c', 'a', 'b'].entries())
      lane.publish(view, message(offset, about), true);
    expect(lane.held).toEqual({ count: 3, bytes: 30 });
    expect(drain(lane)).toEqual(['c3', 'a4', 'b5']);
  });

  it('keeps them all for a reader that is not', () => {
    const lane = laneOf();
    const view = viewOf(true);
    for (const offset of [1, 2, 3]) lane.publish(view, message(offset, 'a'), false);
    expect(drain(lane)).toEqual(['a1', 'a2', 'a3']);
  });

  it('does not mix up the same thing in two topics', () => {
    const lane = laneOf();
    const other = new Topic<unknown>(
      { key: 'u', name: 'u', retain: undefined, conflates: true },
      8,
      'e',
      registryLimits,
    );
    lane.publish(viewOf(true), message(1, 'a'), true);
    lane.publish({ topic: other, lost: false, over: false }, message(2, 'a'), true);
    expect(drain(lane)).toEqual(['a1', 'a2']);
  });

  it('tells of what nothing took the place of, where the offsets would not show it', () => {
    const lane = laneOf({ count: 2, bytes: 1_000, own: 9 });
    const view = viewOf(true);
    for (const [offset, about] of ['a', 'b', 'c'].entries()) lane.publish(view, message(offset + 1, about), true);
    expect(drain(lane)).toEqual(['lost up to 1', 'b2', 'c3']);
    lane.publish(view, message(4, 'a'), true);
    expect(drain(lane)).toEqual(['a4']);
  });

  it('skips what is too large for the subscriber, and tells where the offsets would not', () => {
    for (const [conflates, told] of [
      [false, ['m1', 'm3']],
      [true, ['m1', 'lost up to 2', 'm3']],
    ] as const) {
      const lane = laneOf();
      const view = viewOf(conflates);
      for (const offset of [1, 2, 3]) lane.publish(view, message(offset, undefined, offset === 2 ? 50 : 10), false);
      expect(drain(lane, 20)).toEqual(told);
    }
  });

  it('reads history when its turn comes; what was dropped meanwhile shows in the offsets, or is told', () => {
    for (const [conflates, told] of [
      [false, ['m4', 'm5']],
      [true, ['lost up to 3', 'm4', 'm5']],
    ] as const) {
      const lane = laneOf();
      const view = viewOf(conflates, 2);
      for (const offset of [1, 2]) view.topic.add(message(offset));
      lane.replay(view, 0, 2);
      for (const offset of [3, 4, 5]) view.topic.add(message(offset));
      lane.publish(view, message(6), false);
      // What is retained by now came after the stretch that was promised, and waits by itself.
      expect(drain(lane)).toEqual(conflates ? ['lost up to 5', 'm6'] : ['m6']);
      lane.replay(view, 2, 5);
      expect(drain(lane)).toEqual(told);
    }
  });

  it('gives nothing of a topic that nobody wants any more', () => {
    const lane = laneOf();
    const view = viewOf(false, 1);
    view.topic.add(message(1));
    lane.replay(view, 0, 1);
    lane.publish(view, message(2), false);
    lane.tell(own('end'));
    view.over = true;
    expect(drain(lane)).toEqual(['end']);
  });

  it('knows a flood', () => {
    const lane = laneOf();
    const view = viewOf();
    for (let i = 1; i <= 3; i += 1) {
      lane.tell(own('end'));
      lane.publish(view, message(i), true);
    }
    expect(lane.flooded).toBe(false);
    lane.replay(view, 0, 0);
    expect(lane.flooded).toBe(false);
    lane.tell(own('end'));
    expect(lane.flooded).toBe(true);
    lane.clear();
    expect([lane.flooded, lane.isEmpty, lane.held.bytes]).toEqual([false, true, 0]);
  });
});
