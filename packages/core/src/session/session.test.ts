import { describe, expect, it } from 'vitest';
import type { SendItem } from './send-item.ts';
import { Session } from './session.ts';

const limits = { queueCount: 100, queueBytes: 10_000, replayCount: 100, replayBytes: 10_000, largeBytes: 1_000_000 };

function item(text: string): SendItem {
  return { kind: 'message', name: 'm', key: 'm', order: 0, bytes: text.length, encoded: text, seq: 0 };
}

/** A session that has transmitted so many items. */
function sending(count: number): Session {
  const session = new Session(limits);
  for (let n = 1; n <= count; n += 1) session.push(item(`m${n}`));
  transmit(session);
  return session;
}

function transmit(session: Session): string[] {
  const sent: string[] = [];
  for (let next = session.next(Infinity); next !== undefined; next = session.next(Infinity)) {
    sent.push(`${next.seq} ${next.encoded as string}`);
  }
  return sent;
}

describe('incoming numbers (rule 6)', () => {
  it('takes the expected one, drops smaller ones, and stops at a gap', () => {
    const session = new Session(limits);
    expect([1, 2, 2, 1, 3].map((seq) => session.accept(seq))).toEqual([true, true, false, false, true]);
    expect(() => session.accept(5)).toThrow(expect.objectContaining({ closeCode: 4540 }));
    expect(session.received).toBe(3);
    expect(session.accept(4)).toBe(true);
  });
});

describe('owed acks (rule 7)', () => {
  it('are none at first', () => {
    expect(new Session(limits).ackAt).toBe(Infinity);
  });

  it('leave one second after the first packet, however many follow', () => {
    const session = new Session(limits);
    session.oweAck(100, 5_000);
    session.oweAck(100, 5_900);
    expect(session.ackAt).toBe(6_000);
  });

  it('leave at once after 16 packets', () => {
    const session = new Session(limits);
    for (let n = 1; n < 16; n += 1) session.oweAck(10, 1_000 + n);
    expect(session.ackAt).toBe(2_001);
    session.oweAck(10, 1_016);
    expect(session.ackAt).toBe(1_016);
  });

  it('leave at once after 32 KiB', () => {
    const session = new Session(limits);
    session.oweAck(32_767, 1_000);
    expect(session.ackAt).toBe(2_000);
    session.oweAck(1, 1_001);
    expect(session.ackAt).toBe(1_001);
  });

  it('begin anew when one left', () => {
    const session = new Session(limits);
    for (let n = 0; n < 15; n += 1) session.oweAck(2_000, 1_000);
    session.ackSent();
    expect(session.ackAt).toBe(Infinity);
    session.oweAck(2_000, 3_000);
    expect(session.ackAt).toBe(4_000);
  });
});

describe('resume from an exact position (rule 1)', () => {
  it.each([
    [0, ['1 m1', '2 m2', '3 m3']],
    [1, ['2 m2', '3 m3']],
    [3, []],
  ])('replays after %i, same numbers and bytes', (received, replayed) => {
    const session = sending(3);
    expect(session.resume(received)).toBe(true);
    expect(transmit(session)).toEqual(replayed);
    session.push(item('new'));
    expect(transmit(session)).toEqual(['4 new']);
  });

  it('refuses a position ahead of what was sent, and changes nothing', () => {
    const session = sending(3);
    expect(session.resume(4)).toBe(false);
    expect(session.resume(0)).toBe(true);
    expect(transmit(session)).toHaveLength(3);
  });

  it('refuses a position behind what is kept', () => {
    const session = sending(3);
    session.acknowledge(2);
    expect(session.resume(1)).toBe(false);
    expect(session.resume(2)).toBe(true);
  });

  it('knows at position 0 that nothing was sent', () => {
    const session = new Session(limits);
    expect(session.canResume(0)).toBe(true);
    expect(session.canResume(1)).toBe(false);
  });
});

describe('acks', () => {
  it('refuses one beyond what was sent and ignores older ones', () => {
    const session = sending(3);
    expect(session.acknowledge(2)).toBe(true);
    expect(session.acknowledge(1)).toBe(true);
    expect(session.acknowledge(0)).toBe(true);
    expect(session.replayCount).toBe(1);
    expect(session.acknowledge(4)).toBe(false);
    expect(session.replayCount).toBe(1);
  });

  it('does not count queued items as sent', () => {
    const session = new Session(limits);
    session.push(item('waits'));
    expect(session.acknowledge(1)).toBe(false);
  });
});

describe('poison guard (rule 12)', () => {
  it('gives up at the second close as too big before the same number', () => {
    const session = sending(2);
    expect(session.closedTooBig()).toBe(false);
    expect(session.closedTooBig()).toBe(true);
  });

  it('forgets the first one after progress', () => {
    const session = sending(2);
    session.closedTooBig();
    session.acknowledge(1);
    expect(session.closedTooBig()).toBe(false);
    expect(session.closedTooBig()).toBe(true);
  });

  it('blames nothing when nothing is outstanding', () => {
    const session = sending(1);
    session.acknowledge(1);
    expect(session.closedTooBig()).toBe(false);
    expect(session.closedTooBig()).toBe(false);
    session.push(item('m2'));
    transmit(session);
    expect(session.closedTooBig()).toBe(false);
  });
});
