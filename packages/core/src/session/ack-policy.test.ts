import { describe, expect, it } from 'vitest';
import { AckPolicy } from './ack-policy.ts';

describe('AckPolicy (protocol section 3, rule 7)', () => {
  it('owes nothing at first', () => {
    expect(new AckPolicy().deadline).toBe(Infinity);
  });

  it('owes an ack one second after the first packet, however many follow', () => {
    const acks = new AckPolicy();
    acks.received(100, 5_000);
    acks.received(100, 5_900);
    expect(acks.deadline).toBe(6_000);
  });

  it('owes it at once after 16 packets', () => {
    const acks = new AckPolicy();
    for (let n = 1; n < 16; n += 1) acks.received(10, 1_000 + n);
    expect(acks.deadline).toBe(2_001);
    acks.received(10, 1_016);
    expect(acks.deadline).toBe(1_016);
  });

  it('owes it at once after 32 KiB', () => {
    const acks = new AckPolicy();
    acks.received(32_767, 1_000);
    expect(acks.deadline).toBe(2_000);
    acks.received(1, 1_001);
    expect(acks.deadline).toBe(1_001);
  });

  it('begins anew when an ack left', () => {
    const acks = new AckPolicy();
    for (let n = 0; n < 15; n += 1) acks.received(2_000, 1_000);
    acks.sent();
    expect(acks.deadline).toBe(Infinity);
    acks.received(2_000, 3_000);
    expect(acks.deadline).toBe(4_000);
  });
});
