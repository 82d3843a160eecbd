import { describe, expect, it } from 'vitest';
import {
  Topic,
  topicKey,
  TopicRegistry,
  type Publication,
  type TopicLimits,
  type TopicNeeds,
} from './topic-registry.ts';

const limits: TopicLimits = { retainedBytes: 100, idleTopics: 3, idleBytes: 60, window: 1_000 };

const needs = (key: string, retain?: TopicNeeds['retain']): TopicNeeds => ({
  key,
  name: key,
  retain,
  conflates: false,
});

function publication(offset: number, bytes = 10): Publication {
  return { offset, about: undefined, frames: [`f${offset}`], bytes: [bytes] };
}

function registry(): TopicRegistry<string> {
  let epochs = 0;
  return new TopicRegistry<string>(limits, () => `e${(epochs += 1)}`);
}

function topicOf(retain: TopicNeeds['retain'], count: number, bytes?: number): Topic<string> {
  const topic = new Topic<string>(needs('t', retain), 1, 'e1', limits);
  for (let offset = 1; offset <= count; offset += 1) topic.add(publication(offset, bytes));
  return topic;
}

/** Offsets of what it retains after a place. */
function retained(topic: Topic<string>, after: number): number[] {
  const offsets: number[] = [];
  for (let next = topic.after(after); next !== undefined; next = topic.after(next.offset)) offsets.push(next.offset);
  return offsets;
}

describe('keys', () => {
  it('are equal for equal values, and for no others', () => {
    expect(topicKey('t', { a: 1, b: { c: 2, d: 3 } })).toBe(topicKey('t', { b: { d: 3, c: 2 }, a: 1 }));
    const different = [undefined, null, {}, [], '', 0, { a: 1 }, { a: '1' }, { a: [1] }, { a: 1, b: 2 }];
    expect(new Set(different.map((params) => topicKey('t', params))).size).toBe(different.length);
    expect(topicKey('a', 'b')).not.toBe(topicKey('a\u00a0b', undefined));
  });
});

describe('what is retained', () => {
  it.each([
    [undefined, 5, []],
    ['last', 5, [5]],
    [3, 5, [3, 4, 5]],
    [9, 5, [1, 2, 3, 4, 5]],
    [3, 0, []],
  ] as const)('by %s of %i', (retain, count, offsets) => {
    const topic = topicOf(retain, count);
    expect(retained(topic, 0)).toEqual(offsets);
    expect(topic.floor).toBe(count - offsets.length);
    expect(retained(topic, topic.offset)).toEqual([]);
  });

  it('is bounded in bytes, but for the last one', () => {
    expect(retained(topicOf(9, 9, 30), 0)).toEqual([7, 8, 9]);
    expect(topicOf(9, 9, 30).retainedBytes).toBe(90);
    expect(retained(topicOf(9, 9, 300), 0)).toEqual([9]);
  });
});

describe('where a subscriber begins', () => {
  const topic = topicOf(3, 5);

  it.each([
    [undefined, 2, true],
    [['e1', 5], 5, true],
    [['e1', 4], 4, true],
    [['e1', 2], 2, true],
    [['e1', 1], 2, false],
    [['e1', 0], 2, false],
    [['e1', 6], 2, false],
    [['e2', 4], 2, false],
  ] as const)('from %j', (from, offset, recovered) => {
    expect(topic.beginAfter(from)).toEqual({ offset, recovered });
  });

  it('of a topic that retains nothing is the end', () => {
    expect(topicOf(undefined, 5).beginAfter(undefined)).toEqual({ offset: 5, recovered: true });
    expect(topicOf(undefined, 5).beginAfter(['e1', 5])).toEqual({ offset: 5, recovered: true });
    expect(topicOf(undefined, 5).beginAfter(['e1', 4])).toEqual({ offset: 5, recovered: false });
  });
});

describe('topics', () => {
  it('have numbers and epochs of their own', () => {
    const topics = registry();
    const a = topics.open(needs('a'), 0);
    const b = topics.open(needs('b'), 0);
    expect([a.tid, a.epoch, b.tid, b.epoch]).toEqual([1, 'e1', 2, 'e2']);
    expect(topics.open(needs('a'), 0)).toBe(a);
  });

  it('that retain nothing are bounded by the length of their parameters too', () => {
    const topics = registry();
    for (const name of ['a', 'b', 'c']) topics.open(needs(name.repeat(25)), 0);
    // Three would be few enough, but 75 characters are more than 60.
    expect(topics.size).toBe(2);
    expect(topics.find('a'.repeat(25))).toBeUndefined();
  });

  it('that retain nothing are forgotten some time after their last subscriber, and begin anew', () => {
    const topics = registry();
    const a = topics.open(needs('a'), 0);
    topics.subscribe(a, 's');
    topics.open(needs('b'), 50_000);
    expect(topics.find('a')).toBe(a);
    topics.unsubscribe(a, 's', 60_000);
    topics.publish(a, publication(1), 60_500);
    topics.open(needs('c'), 60_999);
    expect(topics.find('a')).toBe(a);
    topics.open(needs('d'), 61_000);
    expect(topics.find('a')).toBeUndefined();
    expect(topics.open(needs('a'), 61_000).epoch).not.toBe(a.epoch);
  });

  it('that retain are kept, as far as their number and bytes allow, the longest unused goes first', () => {
    const topics = registry();
    for (const key of ['a', 'b', 'c']) topics.publish(topics.open(needs(key, 'last'), 0), publication(1), 0);
    const [a, b] = ['a', 'b'].map((key) => topics.find(key) as Topic<string>) as [Topic<string>, Topic<string>];
    topics.publish(a, publication(2), 5_000);
    topics.publish(topics.open(needs('d', 'last'), 9_000_000), publication(1), 9_000_000);
    expect([...topics.all()].map(({ key }) => key)).toEqual(['a', 'c', 'd']);
    topics.publish(a, publication(3, 45), 0);
    expect([...topics.all()].map(({ key }) => key)).toEqual(['a', 'd']);
    expect(b.subscribers.size).toBe(0);
  });

  it('that nobody published to do not push out what others retain', () => {
    const topics = registry();
    topics.publish(topics.open(needs('a', 'last'), 0), publication(1), 0);
    for (const key of ['w', 'x', 'y', 'z']) {
      const asked = topics.open(needs(key, 'last'), 0);
      topics.subscribe(asked, 's');
      topics.unsubscribe(asked, 's', 0);
    }
    expect([...topics.all()].map(({ key }) => key)).toEqual(['a', 'x', 'y', 'z']);
    topics.open(needs('b', 'last'), 1_000);
    expect([...topics.all()].map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('with subscribers are not forgotten, whatever they retain', () => {
    const topics = registry();
    const a = topics.open(needs('a', 9), 0);
    topics.subscribe(a, 's');
    topics.subscribe(a, 's2');
    for (let offset = 1; offset <= 9; offset += 1) topics.publish(a, publication(offset), 0);
    for (const key of ['b', 'c', 'd', 'e']) topics.publish(topics.open(needs(key, 'last'), 0), publication(1, 15), 0);
    topics.unsubscribe(a, 's', 0);
    expect(topics.find('a')).toBe(a);
    topics.unsubscribe(a, 's2', 0);
    topics.unsubscribe(a, 's2', 0);
    expect([...topics.all()].map(({ key }) => key)).toEqual(['a']);
    topics.remove(a);
    expect(topics.size).toBe(0);
    topics.publish(topics.open(needs('z', 'last'), 0), publication(1, 60), 0);
    expect(topics.size).toBe(1);
  });
});
