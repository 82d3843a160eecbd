import { describe, expect, it } from 'vitest';
import { HawserError } from '../shared/errors.ts';
import { jsonCodec } from '../wire/json-codec.ts';
import { Subscriptions, TopicSubscription } from './subscriptions.ts';
import type { TopicDelivery, TopicNews } from './topic-port.ts';

function setUp(): {
  topics: Subscriptions;
  /** Subscribes; its news are told under the name. */
  want: (name: string, conflates?: boolean) => TopicSubscription;
  /** Frames that leave, at most so large. */
  sent: (room?: number) => unknown[];
  told: () => string[];
} {
  const outputs: TopicDelivery[] = [];
  const topics = new Subscriptions({ options: { codec: jsonCodec }, urgency: 0, outputs });
  const log: string[] = [];
  const short = (news: TopicNews): string => {
    if (news instanceof HawserError) return news.code;
    return typeof news === 'string' ? news : JSON.stringify(news);
  };
  return {
    topics,
    want(name, conflates = false) {
      const subscription = new TopicSubscription(name, undefined, conflates, (news) =>
        log.push(`${name} ${short(news)}`),
      );
      topics.add(subscription);
      return subscription;
    },
    sent(room = Number.POSITIVE_INFINITY) {
      const frames: unknown[] = [];
      for (let item = topics.next(room); item !== undefined; item = topics.next(room))
        frames.push(JSON.parse(String(item.encoded)));
      return frames;
    },
    told() {
      for (const [, sink, news] of outputs.splice(0)) sink(news);
      return log.splice(0);
    },
  };
}

describe('asking', () => {
  it('numbers subscribes in order, and begins anew on every connection', () => {
    const { topics, want, sent } = setUp();
    want('a');
    want('b');
    expect(sent()).toEqual([
      [42, 1, 'a'],
      [42, 2, 'b'],
    ]);
    expect(sent()).toEqual([]);
    topics.take([45, 1, 5, 'e', 9, true]);
    topics.detached();
    expect(sent()).toEqual([
      [42, 1, 'a', null, { from: ['e', 9] }],
      [42, 2, 'b'],
    ]);
  });

  it('waits for room, and takes no number until there is some', () => {
    const { topics, want, sent } = setUp();
    const a = want('a');
    expect(sent(9)).toEqual([]);
    expect([a.sid, topics.isUnsent(a)]).toEqual([0, true]);
    expect(sent(10)).toEqual([[42, 1, 'a']]);
    topics.remove(a);
    expect(sent(5)).toEqual([]);
    expect(sent(6)).toEqual([[43, 1]]);
  });

  it('takes back what has not left, and ends what has, before anything new', () => {
    const { topics, want, sent } = setUp();
    const a = want('a');
    sent();
    const b = want('b');
    want('c');
    topics.remove(a);
    topics.remove(b);
    topics.remove(a);
    expect(sent()).toEqual([
      [43, 1],
      [42, 2, 'c'],
    ]);
  });

  it('forgets at a cut what was to be ended', () => {
    const { topics, want, sent } = setUp();
    const a = want('a');
    sent();
    topics.remove(a);
    topics.detached();
    expect(sent()).toEqual([]);
  });

  it('refuses more than the protocol allows, until others are gone', () => {
    const { topics, want, sent, told } = setUp();
    const all = Array.from({ length: 256 }, (_, n) => want(`t${n}`));
    want('one more');
    expect(told()).toEqual(['one more RATE_LIMITED']);
    expect(sent()).toHaveLength(256);
    topics.remove(all[0] as TopicSubscription);
    want('now');
    expect(sent()).toEqual([
      [43, 1],
      [42, 257, 'now'],
    ]);
  });
});

describe('being told', () => {
  it('is in order, under the number of the server', () => {
    const { topics, want, sent, told } = setUp();
    want('a');
    sent();
    topics.take([45, 1, 7, 'e', 3, true]);
    topics.take([44, 7, 4, 'x']);
    topics.take([44, 7, 5, 'y']);
    expect(told()).toEqual(['a live', 'a [44,7,4,"x"]', 'a [44,7,5,"y"]']);
  });

  it.each([
    [true, 'e', 5, []],
    [false, 'e', 5, ['a gap']],
    [false, 'e', 9, ['a gap']],
    [true, 'e', 9, ['a gap']],
    [true, 'f', 5, ['a gap']],
    [false, 'f', 0, ['a gap']],
  ])('recovered %s in epoch %s after %i', (recovered, epoch, offset, gap) => {
    const { topics, want, sent, told } = setUp();
    want('a');
    sent();
    topics.take([45, 1, 7, 'e', 5, true]);
    topics.detached();
    sent();
    told();
    topics.take([45, 1, 3, epoch, offset, recovered]);
    expect(told()).toEqual([...gap, 'a live']);
    topics.take([44, 7, offset + 1, 'old number']);
    topics.take([44, 3, offset + 1, 'x']);
    expect(told()).toEqual([`a [44,3,${offset + 1},"x"]`]);
  });

  it('of a jump comes with a gap, unless the topic conflates', () => {
    const { topics, want, sent, told } = setUp();
    want('a');
    want('b', true);
    sent();
    topics.take([45, 1, 7, 'e', 0, true]);
    topics.take([45, 2, 8, 'e', 0, true]);
    told();
    topics.take([44, 7, 3, 'x']);
    topics.take([44, 8, 3, 'x']);
    expect(told()).toEqual(['a gap', 'a [44,7,3,"x"]', 'b [44,8,3,"x"]']);
    topics.take([45, 2, 8, 'e', 6, false]);
    topics.take([44, 8, 7, 'x']);
    expect(told()).toEqual(['b gap', 'b live', 'b [44,8,7,"x"]']);
  });

  it('happens to all that mean the same topic, each from where it stands', () => {
    const { topics, want, sent, told } = setUp();
    const a = want('a');
    want('b');
    sent();
    topics.take([45, 1, 7, 'e', 5, true]);
    topics.take([45, 2, 7, 'e', 4, true]);
    told();
    topics.take([44, 7, 5, 'x']);
    topics.take([44, 7, 6, 'y']);
    expect(told()).toEqual(['b [44,7,5,"x"]', 'a [44,7,6,"y"]', 'b [44,7,6,"y"]']);
    topics.remove(a);
    topics.take([44, 7, 7, 'z']);
    expect(told()).toEqual(['b [44,7,7,"z"]']);
  });

  it('ends with an end, and with the peer', () => {
    const { topics, want, sent, told } = setUp();
    want('a');
    want('b');
    sent();
    topics.take([45, 1, 7, 'e', 5, true]);
    topics.take([46, 1, 'FORBIDDEN', 'no']);
    topics.take([44, 7, 6, 'x']);
    expect(told()).toEqual(['a live', 'a [46,1,"FORBIDDEN","no"]']);
    topics.clear();
    expect(told()).toEqual(['b [46,1]']);
    topics.detached();
    expect(sent()).toEqual([]);
  });

  it('of a cut says stale to those that were confirmed', () => {
    const { topics, want, sent, told } = setUp();
    want('a');
    want('b');
    sent();
    topics.take([45, 2, 7, 'e', 5, true]);
    told();
    topics.detached();
    topics.detached();
    expect(told()).toEqual(['b stale']);
  });

  it('ignores what is late, and refuses what cannot be', () => {
    const { topics, want, sent, told } = setUp();
    topics.remove(want('a'));
    const b = want('b');
    sent();
    topics.remove(b);
    topics.take([45, 1, 7, 'e', 5, true]);
    topics.take([44, 7, 6, 'x']);
    topics.take([46, 1]);
    expect(told()).toEqual([]);
    for (const frame of [
      [42, 1, 'b'],
      [43, 1],
      [45, 2, 1, 'e', 0, true],
      [46, 2],
    ] as const)
      expect(() => topics.take(frame)).toThrow(expect.objectContaining({ closeCode: 4400 }));
  });
});
