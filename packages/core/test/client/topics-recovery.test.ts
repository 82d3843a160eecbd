import type { TestBed } from '@hawser/core/testing';
import { describe, expect, it } from 'vitest';
import { boardOf, recorder, topicPackets, type Board } from './topic-bed.ts';

const f1 = { fleetId: 'f1' };

/** Lets everything under way arrive. */
const settle = (bed: TestBed<Board>, time = 0): Promise<void> => bed.clock.advance(time);

describe('after a cut', () => {
  it('everything wanted is asked for again in one packet, with positions, and recovers', async () => {
    await using bed = boardOf();
    const log = recorder<string>();
    const last = recorder<number>();
    bed.client.topic('log', { of: 'a' }).subscribe(log);
    bed.client.topic('telemetry', f1).subscribe(last);
    bed.client.topic('notices').subscribe(() => undefined);
    await settle(bed);
    bed.server.publish('log', { of: 'a' }, 'one');
    bed.server.publish('telemetry', f1, 1);
    await settle(bed);
    const seen = bed.client.topic('telemetry', f1).getSnapshot();
    bed.link.drop();
    await settle(bed);
    expect(bed.client.topic('telemetry', f1).getSnapshot()).toEqual({ ...seen, status: 'stale' });
    for (const line of ['two', 'three']) bed.server.publish('log', { of: 'a' }, line);
    bed.server.publish('telemetry', f1, 2);
    await settle(bed, 10_000);
    expect(log.told).toEqual(['"one" @1', '"two" @2', '"three" @3']);
    expect(last.told).toEqual(['1 @1', '2 @2']);
    expect(bed.client.topic('telemetry', f1).getSnapshot()).toEqual({ status: 'live', data: 2, gap: false });
    const [, again, ...more] = topicPackets(bed, 'client');
    expect(again).toEqual([
      [42, 1, 'log', { of: 'a' }, { from: [expect.any(String), 1] }],
      [42, 2, 'telemetry', f1, { from: [expect.any(String), 1] }],
      [42, 3, 'notices', null, { from: [expect.any(String), 0] }],
    ]);
    expect(more).toEqual([]);
  });

  it('is one packet after every welcome, be it of the same session or of another', async () => {
    await using bed = boardOf();
    const many = Array.from({ length: 100 }, (_, n) => ({ fleetId: `f${n}` }));
    for (const params of many) bed.client.topic('telemetry', params).subscribe(() => undefined);
    await settle(bed);
    const sessions = [bed.client.sessionId];
    for (const how of ['cut', 'cut', 'restart', 'cut']) {
      bed.link.log.length = 0;
      if (how === 'cut') bed.link.drop();
      else bed.server.restart();
      await settle(bed, 20_000);
      sessions.push(bed.client.sessionId);
      const [packet = [], ...more] = topicPackets(bed, 'client');
      expect(packet.map(([kind, , , params]) => [kind, params])).toEqual(many.map((params) => [42, params]));
      expect(more).toEqual([]);
      expect(bed.server.subscribers('telemetry')).toBe(100);
    }
    const [a, , , b] = sessions;
    expect(sessions).toEqual([a, a, a, b, b]);
    expect(b).not.toBe(a);
  });

  it('says gap once, at the hole, when more was missed than is retained', async () => {
    await using bed = boardOf();
    const log = recorder<string>();
    const last = recorder<number>();
    const notices = recorder<string>();
    const topics = [
      bed.client.topic('log', { of: 'a' }),
      bed.client.topic('telemetry', f1),
      bed.client.topic('notices'),
    ] as const;
    topics[0].subscribe(log);
    topics[1].subscribe(last);
    topics[2].subscribe(notices);
    await settle(bed);
    bed.link.drop();
    await settle(bed);
    for (let n = 1; n <= 5; n += 1) {
      bed.server.publish('log', { of: 'a' }, `${n}`);
      bed.server.publish('telemetry', f1, n);
      bed.server.publish('notices', undefined, `${n}`);
    }
    await settle(bed, 10_000);
    expect(log.told).toEqual(['"3" @3 gap', '"4" @4', '"5" @5']);
    expect(last.told).toEqual(['5 @5 gap']);
    expect(notices.told).toEqual([]);
    expect(topics.map((topic) => topic.getSnapshot())).toEqual([
      { status: 'live', data: '5', gap: false },
      { status: 'live', data: 5, gap: true },
      { status: 'live', data: undefined, gap: true },
    ]);
    bed.server.publish('notices', undefined, '6');
    bed.server.publish('notices', undefined, '7');
    await settle(bed);
    expect(notices.told).toEqual(['"6" @6 gap', '"7" @7']);
  });

  it('recovers in a new session as well: positions are the topic’s, not the session’s', async () => {
    await using bed = boardOf();
    const told = recorder<string>();
    bed.client.topic('log', { of: 'a' }).subscribe(told);
    await settle(bed);
    bed.server.publish('log', { of: 'a' }, '1');
    await settle(bed);
    const before = bed.client.sessionId;
    for (const peer of bed.server.peers.values())
      (peer as unknown as { end(...how: unknown[]): void }).end('expired', 1006, '');
    bed.server.publish('log', { of: 'a' }, '2');
    await settle(bed, 10_000);
    expect(bed.client.sessionId).not.toBe(before);
    expect(told.told).toEqual(['"1" @1', '"2" @2']);
  });

  it('of a server that was restarted, the epoch is another one, and that is a gap', async () => {
    await using bed = boardOf();
    const told = recorder<string>();
    const topic = bed.client.topic('log', { of: 'a' });
    topic.subscribe(told);
    await settle(bed);
    for (const line of ['1', '2']) bed.server.publish('log', { of: 'a' }, line);
    await settle(bed);
    bed.server.restart();
    bed.server.publish('log', { of: 'a' }, 'new');
    bed.server.publish('log', { of: 'a' }, 'newer');
    await settle(bed, 10_000);
    expect(told.told).toEqual(['"1" @1', '"2" @2', '"new" @1 gap', '"newer" @2']);
    expect(topic.getSnapshot()).toEqual({ status: 'live', data: 'newer', gap: false });
  });

  it('a topic that nobody wants any more is not asked for', async () => {
    await using bed = boardOf();
    const subscription = bed.client.topic('notices').subscribe(() => undefined);
    await settle(bed);
    bed.link.refuse(20);
    bed.link.drop();
    subscription.unsubscribe();
    await settle(bed, 5_000);
    bed.link.refuse(0);
    await settle(bed, 60_000);
    expect(bed.client.state.status).toBe('connected');
    expect(topicPackets(bed, 'client')).toHaveLength(1);
  });

  it('keeps its place through a remount while the link is down', async () => {
    await using bed = boardOf();
    const told = recorder<string>();
    const first = bed.client.topic('notices').subscribe(() => undefined);
    await settle(bed);
    bed.link.drop();
    first.unsubscribe();
    bed.client.topic('notices').subscribe(told);
    bed.server.publish('notices', undefined, 'missed');
    await settle(bed, 10_000);
    bed.server.publish('notices', undefined, 'seen');
    await settle(bed);
    expect(told.told).toEqual(['"seen" @2 gap']);
  });
});

describe('the end', () => {
  it('comes with an error when the server refuses, and does not come back by itself', async () => {
    let asked = 0;
    await using bed = boardOf({
      server: {
        authorizeTopic: ({ topic, refuse }) => {
          asked += 1;
          if (topic === 'notices') refuse('NOT_FOUND', 'no such board');
        },
      },
    });
    const told = recorder<string>();
    const topic = bed.client.topic('notices');
    topic.subscribe(told);
    const changes: string[] = [];
    topic.onChange(() => changes.push(topic.getSnapshot().status));
    await settle(bed);
    expect(told.told).toEqual(['NOT_FOUND']);
    expect(topic.getSnapshot()).toMatchObject({
      status: 'error',
      error: { code: 'NOT_FOUND', message: 'no such board' },
    });
    bed.link.drop();
    await settle(bed, 10_000);
    expect([asked, changes]).toEqual([1, ['error']]);
    expect(bed.client.state.status).toBe('connected');
    topic.subscribe(told);
    await settle(bed);
    expect(told.told).toEqual(['NOT_FOUND', 'NOT_FOUND']);
  });

  it('is decided again on every resume, and nothing leaks before', async () => {
    let allowed = true;
    await using bed = boardOf({
      server: {
        authorizeTopic: ({ refuse }) =>
          new Promise<void>((resolve) => void bed.clock.setTimer(resolve, 2_000)).then(() => {
            if (!allowed) refuse('FORBIDDEN', 'banned');
          }),
      },
    });
    const told = recorder<number>();
    bed.client.topic('telemetry', f1).subscribe(told);
    bed.server.publish('telemetry', f1, 1);
    await settle(bed, 1_999);
    expect(told.told).toEqual([]);
    await settle(bed, 1);
    expect(told.told).toEqual(['1 @1']);
    allowed = false;
    bed.link.drop();
    await settle(bed, 1_500);
    expect(bed.client.state.status).toBe('connected');
    bed.server.publish('telemetry', f1, 2);
    await settle(bed, 5_000);
    expect(told.told).toEqual(['1 @1', 'FORBIDDEN']);
    expect(JSON.stringify(topicPackets(bed, 'server').slice(2))).not.toContain('[44');
  });

  it('is INTERNAL when the hook fails, which is reported on the server alone', async () => {
    await using bed = boardOf({
      server: {
        authorizeTopic: () => {
          throw new Error('database secret');
        },
      },
    });
    const told = recorder<string>();
    bed.client.topic('notices').subscribe(told);
    await settle(bed);
    expect(told.told).toEqual(['INTERNAL']);
    expect(JSON.stringify(bed.link.log)).not.toContain('secret');
    expect(bed.server.problems).toMatchObject([{ kind: 'handler-error', name: 'notices' }]);
  });

  it('of a decision that nobody waits for any more is the end of it', async () => {
    let allow: () => void = () => undefined;
    await using bed = boardOf({
      client: { topicGrace: 0 },
      server: { authorizeTopic: () => new Promise<void>((resolve) => (allow = resolve)) },
    });
    const subscription = bed.client.topic('notices').subscribe(() => undefined);
    await settle(bed);
    subscription.unsubscribe();
    await settle(bed, 100);
    allow();
    await settle(bed, 100);
    expect(bed.server.subscribers('notices')).toBe(0);
    expect(topicPackets(bed, 'server')).toEqual([]);
  });

  it('is revoked while the server decides, and what was decided before does not bring it back', async () => {
    const decided: (() => void)[] = [];
    await using bed = boardOf({
      server: { authorizeTopic: () => new Promise<void>((resolve) => decided.push(resolve)) },
    });
    const log = recorder<number>();
    bed.client.topic('telemetry', f1).subscribe(log);
    await settle(bed);
    const [peer] = bed.server.peers.values();
    peer?.revokeTopic('telemetry', { fleetId: 'f2' });
    peer?.revokeTopic('telemetry', f1);
    for (const allow of decided) allow();
    await settle(bed);
    bed.server.publish('telemetry', f1, 1);
    await settle(bed);
    expect(log.told).toEqual(['FORBIDDEN']);
    expect(bed.server.subscribers('telemetry')).toBe(0);
  });

  it('comes with FORBIDDEN when the server revokes, for that client alone', async () => {
    await using bed = boardOf();
    const other = bed.connectClient();
    const told = [recorder<number>(), recorder<number>()] as const;
    bed.client.topic('telemetry', f1).subscribe(told[0]);
    other.topic('telemetry', f1).subscribe(told[1]);
    await settle(bed);
    const peer = bed.server.peers.get(bed.client.sessionId as string);
    bed.server.publish('telemetry', f1, 1);
    peer?.revokeTopic('telemetry', { fleetId: 'f2' });
    peer?.revokeTopic('telemetry', f1, 'not any more');
    bed.server.publish('telemetry', f1, 2);
    await settle(bed);
    expect(told.map((each) => each.told)).toEqual([
      ['1 @1', 'FORBIDDEN'],
      ['1 @1', '2 @2'],
    ]);
    expect(bed.client.topic('telemetry', f1).getSnapshot().status).toBe('idle');
  });

  it('completes when the server ends the topic, which then begins anew', async () => {
    await using bed = boardOf();
    const told = recorder<string>();
    const topic = bed.client.topic('log', { of: 'a' });
    const subscription = topic.subscribe(told);
    await settle(bed);
    bed.server.publish('log', { of: 'a' }, 'last words');
    bed.server.endTopic('log', { of: 'a' });
    await settle(bed);
    expect(told.told).toEqual(['"last words" @1', 'complete']);
    expect(subscription.closed).toBe(true);
    expect(topic.getSnapshot()).toEqual({ status: 'ended', data: 'last words', gap: false });
    bed.link.drop();
    await settle(bed, 10_000);
    expect(topicPackets(bed, 'client')).toHaveLength(1);
    const again = recorder<string>();
    topic.subscribe(again);
    await settle(bed);
    expect(again.told).toEqual([]);
    expect(topic.getSnapshot().status).toBe('live');
  });

  it('completes when the client is closed', async () => {
    await using bed = boardOf();
    const told = recorder<string>();
    const topic = bed.client.topic('notices');
    topic.subscribe(told);
    await settle(bed);
    const closing = bed.client.close();
    await settle(bed, 5_000);
    await closing;
    expect(told.told).toEqual(['complete']);
    expect(topic.getSnapshot().status).toBe('ended');
    expect(() => topic.subscribe(told)).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
  });

  it.each([
    ['unknown to the server', 'nope', undefined, 'UNIMPLEMENTED'],
    ['with parameters that do not fit', 'telemetry', { fleetId: 7 }, 'INVALID_INPUT'],
    ['without the parameters it needs', 'telemetry', undefined, 'INVALID_INPUT'],
  ])('comes at once for a topic %s', async (_, name, params, code) => {
    await using bed = boardOf();
    const told = recorder<never>();
    const ask = bed.client.topic.bind(bed.client) as unknown as (
      name: string,
      params: unknown,
    ) => { subscribe(o: unknown): unknown };
    if (name === 'nope') {
      expect(() => ask(name, params)).toThrow(expect.objectContaining({ code }));
      return;
    }
    ask(name, params).subscribe(told);
    await settle(bed);
    expect(told.told).toEqual([code]);
  });

  it('of more topics than a session may have comes from this end', async () => {
    await using bed = boardOf();
    const told = Array.from({ length: 300 }, () => recorder<number>());
    told.forEach((each, n) => bed.client.topic('telemetry', { fleetId: `${n}` }).subscribe(each));
    await settle(bed);
    expect(told.filter((each) => each.told[0] === 'RATE_LIMITED')).toHaveLength(44);
    expect(bed.server.subscribers('telemetry')).toBe(256);
    expect(topicPackets(bed, 'client').map((frames) => frames.length)).toEqual([128, 128]);
  });
});
