import { describe, expect, it } from 'vitest';
import { Session } from '../session/session.ts';
import type { SendItem } from '../session/send-item.ts';
import { jsonCodec } from '../wire/json-codec.ts';
import { Kind } from '../wire/frame.ts';
import { Outbox } from './outbox.ts';

const limits = { queueCount: 10_000, queueBytes: 1_000_000, replayCount: 10_000, replayBytes: 1_000_000 };

function setUp(): { session: Session; outbox: Outbox; queue: (...texts: string[]) => void } {
  const session = new Session(limits);
  const queue = (...texts: string[]): void => {
    for (const text of texts) session.outbound.push(item(text));
  };
  return { session, outbox: new Outbox(jsonCodec, session), queue };
}

function item(text: string): SendItem {
  const encoded = jsonCodec.encodeFrame([Kind.message, 'm', text]);
  return { kind: 'message', name: 'm', bytes: jsonCodec.byteLength(encoded), encoded, seq: 0 };
}

/** Every packet there is, nothing owed. */
function drain(outbox: Outbox): string[] {
  const packets: string[] = [];
  for (let next = outbox.nextPacket(false, false); next !== undefined; next = outbox.nextPacket(false, false)) {
    packets.push(next as string);
  }
  return packets;
}

describe('one packet', () => {
  it('joins control, then numbered frames in order, then volatile ones', () => {
    const { outbox, queue } = setUp();
    queue('a', 'b');
    outbox.addVolatile('[41,"v"]');
    outbox.addControl('[35,1]');
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
    outbox.addControl('[36,7]');
    expect(drain(outbox)).toEqual(['[0,0,[36,7]]']);
  });

  it('is not made of nothing', () => {
    expect(setUp().outbox.nextPacket(false, false)).toBeUndefined();
  });
});

describe('the ack (rule 7)', () => {
  it('rides on whatever leaves while one is owed', () => {
    const { session, outbox } = setUp();
    session.accept(1);
    session.accept(2);
    outbox.addControl('[36,7]');
    expect(outbox.nextPacket(true, false)).toBe('[0,2,[36,7]]');
    expect(outbox.nextPacket(true, false)).toBeUndefined();
  });

  it('leaves alone when it is due, also when it is not news: the peer repeated itself', () => {
    const { session, outbox } = setUp();
    session.accept(1);
    expect(outbox.nextPacket(true, true)).toBe('[0,1]');
    session.accept(1);
    expect(outbox.nextPacket(true, true)).toBe('[0,1]');
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
    const { outbox, queue } = setUp();
    outbox.largest = largest;
    for (let n = 0; n < 60; n += 1) queue('x'.repeat((n * 37) % 900));
    for (let n = 0; n < 5; n += 1) outbox.addControl('[35,123456]');
    outbox.addVolatile(`[41,"v","${'v'.repeat(700)}"]`);
    const packets = drain(outbox);
    expect(Math.max(...packets.map((packet) => packet.length))).toBeLessThanOrEqual(largest);
    const seqs = packets.map((packet) => (JSON.parse(packet) as number[])[0] as number).filter((seq) => seq > 0);
    expect(seqs.every((seq, i) => i === 0 || seq > (seqs[i - 1] as number))).toBe(true);
    expect(packets.join('').match(/"m"/g)).toHaveLength(60);
    expect(packets.join('')).toContain('[41,"v"');
  });

  it('lets control go ahead of a frame that leaves no room for it', () => {
    const { outbox, queue } = setUp();
    outbox.largest = 1_024;
    queue('x'.repeat(960));
    outbox.addControl('[35,1]');
    expect(drain(outbox).map((packet) => packet.slice(0, 12))).toEqual(['[0,0,[35,1]]', '[1,0,[1,"m",']);
  });
});

describe('what a flood of the other side can make it hold', () => {
  it('is 16 control frames', () => {
    const { outbox } = setUp();
    for (let n = 0; n < 1_000; n += 1) outbox.addControl('[36,1]');
    expect((JSON.parse(drain(outbox)[0] as string) as unknown[]).length - 2).toBe(16);
  });

  it('is 256 KiB of volatile frames, and none after a new connection', () => {
    const { outbox } = setUp();
    const frame = `[41,"${'v'.repeat(10_000)}"]`;
    for (let n = 0; n < 1_000; n += 1) outbox.addVolatile(frame);
    expect(drain(outbox).join('').match(/\[41,/g)).toHaveLength(26);
    outbox.addVolatile(frame);
    outbox.addControl('[36,1]');
    outbox.reset();
    expect(drain(outbox)).toEqual([]);
  });
});
