import { describe, expect, it } from 'vitest';
import type { TopicPort } from '../messaging/topic-port.ts';
import type { Session } from '../session/session.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { jsonCodec } from '../wire/json-codec.ts';
import { Kind } from '../wire/frame.ts';
import { defaultWireLimits } from '../wire/limits.ts';
import type { Attachment } from './endpoint-options.ts';
import { Heartbeat } from './heartbeat.ts';
import { Outbox } from './outbox.ts';

const keeps = {
  queueCount: 10_000,
  queueBytes: 1_000_000,
  replayCount: 10_000,
  replayBytes: 1_000_000,
  largeBytes: 1_000_000,
};

/** What its subclass does at the ends of a connection. */
class OpenOutbox extends Outbox {
  override reset(attached: boolean): void {
    super.reset(attached);
  }
  override limit(attachment: Attachment, now: number): void {
    super.limit(attachment, now);
  }
}

function setUp(frame = defaultWireLimits.frame): {
  session: Session;
  outbox: OpenOutbox;
  queue: (...texts: string[]) => void;
} {
  const ends = { codec: jsonCodec, firstId: 1, accepts: defaultWireLimits, runningHandlers: 1 };
  const outbox = new OpenOutbox({ ...ends, keeps, overflow: 'reject' });
  const heartbeat = new Heartbeat({ every: 25_000, grace: 20_000 }, 0);
  outbox.limit({ peerReceived: 0, peerAccepts: { ...defaultWireLimits, frame }, heartbeat }, 0);
  outbox.reset(true);
  const queue = (...texts: string[]): void => {
    for (const text of texts) outbox.post('message', 'm', [Kind.message, 'm', text]);
  };
  return { session: outbox.session, outbox, queue };
}

/** Every packet there is. */
function drain(outbox: Outbox, now = 0): string[] {
  const packets: string[] = [];
  for (let next = outbox.nextPacket(now); next !== undefined; next = outbox.nextPacket(now))
    packets.push(next as string);
  return packets;
}

describe('one packet', () => {
  it('joins control, then numbered frames in order, then volatile ones', () => {
    const { outbox, queue } = setUp();
    queue('a', 'b');
    outbox.sendVolatile('v', undefined);
    outbox.addControl([Kind.ping, 1]);
    expect(drain(outbox)).toEqual(['[1,0,[35,1],[1,"m","a"],[1,"m","b"],[41,"v"]]']);
  });

  it('numbers from where the last one ended', () => {
    const { outbox, queue } = setUp();
    queue('a', 'b');
    drain(outbox);
    queue('c');
    expect(drain(outbox)).toEqual(['[3,0,[1,"m","c"]]']);
  });

  it('has number 0 without numbered frames', () => {
    const { outbox } = setUp();
    outbox.addControl([Kind.pong, 7]);
    expect(drain(outbox)).toEqual(['[0,0,[36,7]]']);
  });

  it('is not made of nothing', () => {
    expect(setUp().outbox.nextPacket(0)).toBeUndefined();
  });
});

describe('the ack (rule 7)', () => {
  it('rides on whatever leaves while one is owed', () => {
    const { session, outbox } = setUp();
    session.accept(1);
    session.accept(2);
    session.oweAck(10, 0);
    expect(drain(outbox)).toEqual([]);
    outbox.addControl([Kind.pong, 7]);
    expect(drain(outbox)).toEqual(['[0,2,[36,7]]']);
    expect(drain(outbox, 5_000)).toEqual([]);
  });

  it('leaves alone when it is due, also when it is not news: the peer repeated itself', () => {
    const { session, outbox } = setUp();
    for (let time = 0; time < 2; time += 1) {
      session.accept(1);
      session.oweAck(10, time * 5_000);
      expect(drain(outbox, time * 5_000 + 1_000)).toEqual(['[0,1]']);
    }
  });

  it('waits for a connection', () => {
    const { session, outbox } = setUp();
    session.oweAck(10, 0);
    outbox.reset(false);
    expect(drain(outbox, 1_000)).toEqual([]);
  });

  it('is 0 when nothing came in since the last', () => {
    const { session, outbox, queue } = setUp();
    session.accept(1);
    queue('a');
    expect(drain(outbox)).toEqual(['[1,0,[1,"m","a"]]']);
  });
});

describe('the size of a packet', () => {
  it('is 128 frames at most', () => {
    const { outbox, queue } = setUp();
    queue(...Array.from({ length: 300 }, () => ''));
    const packets = drain(outbox).map((packet) => JSON.parse(packet) as unknown[]);
    expect(packets.map((packet) => [packet[0], packet.length - 2])).toEqual([
      [1, 128],
      [129, 128],
      [257, 44],
    ]);
  });

  it('is 16 KiB at most, unless one frame alone is larger', () => {
    const { outbox, queue } = setUp();
    queue('x'.repeat(40_000), 'y'.repeat(9_000), 'y'.repeat(9_000), 'z');
    expect(drain(outbox).map((packet) => packet.length)).toEqual([40_016, 9_016, 9_028]);
  });

  it.each([1_024, 2_000, 9_500])('stays within a peer that takes %i bytes', (largest) => {
    const { outbox, queue } = setUp(largest);
    for (let n = 0; n < 60; n += 1) queue('x'.repeat((n * 37) % 900));
    for (let n = 0; n < 5; n += 1) outbox.addControl([Kind.ping, 123_456]);
    outbox.sendVolatile('v', 'v'.repeat(700));
    const packets = drain(outbox);
    expect(Math.max(...packets.map((packet) => packet.length))).toBeLessThanOrEqual(largest);
    const seqs = packets.map((packet) => (JSON.parse(packet) as number[])[0] as number).filter((seq) => seq > 0);
    expect(seqs.every((seq, i) => i === 0 || seq > (seqs[i - 1] as number))).toBe(true);
    expect(packets.join('').match(/"m"/g)).toHaveLength(60);
    expect(packets.join('')).toContain('[41,"v"');
  });

  it('lets control go ahead of a frame that leaves no room for it', () => {
    const { outbox, queue } = setUp(1_024);
    queue('x'.repeat(960));
    outbox.addControl([Kind.ping, 1]);
    expect(drain(outbox).map((packet) => packet.slice(0, 12))).toEqual(['[0,0,[35,1]]', '[1,0,[1,"m",']);
  });
});

describe('what a flood of the other side can make it hold', () => {
  it('is 16 control frames', () => {
    const { outbox } = setUp();
    for (let n = 0; n < 1_000; n += 1) outbox.addControl([Kind.pong, 1]);
    expect((JSON.parse(drain(outbox)[0] as string) as unknown[]).length - 2).toBe(16);
  });

  it('is 256 KiB of volatile frames, and none after a new connection', () => {
    const { outbox } = setUp();
    const data = 'v'.repeat(10_000);
    for (let n = 0; n < 1_000; n += 1) outbox.sendVolatile('v', data);
    expect(drain(outbox).join('').match(/\[41,/g)).toHaveLength(26);
    outbox.sendVolatile('v', data);
    outbox.addControl([Kind.pong, 1]);
    outbox.reset(true);
    expect(drain(outbox)).toEqual([]);
  });
});

describe('urgency', () => {
  it('is 0 only when nothing more can be written, whatever waits and is to be said again', () => {
    const clock = new ManualClock();
    const below = (n: number): number => Math.floor(clock.random() * n);
    let stops = 0;
    for (let round = 0; round < 400; round += 1) {
      const { session, outbox, queue } = setUp();
      let topics = 0;
      const said = { encoded: `[38,1,1,"${'t'.repeat(300)}"]`, bytes: 320, seq: 0 } as const;
      outbox.topics = {
        get waits() {
          return topics > 0;
        },
        next: (room: number) => (topics > 0 && room >= said.bytes ? ((topics -= 1), said) : undefined),
      } as unknown as TopicPort;
      for (let step = 0; step < 6; step += 1) {
        const what = below(6);
        if (what === 0) outbox.addControl([Kind.pong, 1]);
        else if (what === 1) outbox.sendVolatile('v', 'v'.repeat(below(9_000)));
        else if (what === 2) topics += below(60);
        else if (what === 3) queue(...Array.from({ length: below(200) }, () => 'q'));
        else if (what === 4) queue('l'.repeat(below(20_000)));
        else {
          session.resume(Math.max(session.firstSeq - 1, session.lastSeq - below(5)));
          outbox.reset(true);
        }
        if (below(2) === 0) continue;
        for (let packet; (packet = outbox.nextPacket(0)) !== undefined;) {
          if (outbox.urgency > 0) continue;
          stops += 1;
          expect([packet.length > 0, outbox.nextPacket(0)]).toEqual([true, undefined]);
          break;
        }
        session.acknowledge(session.lastSeq - below(3));
      }
    }
    // Otherwise it would say nothing.
    expect(stops).toBeGreaterThan(300);
  });
});
