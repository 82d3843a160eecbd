import { describe, expect, it } from 'vitest';
import { BulkWindow } from './bulk-window.ts';

/** A chunk, and after how many bytes the other end acknowledges. */
const chunk = 16_384;
const ackEvery = 32_768;

/** A link with one queue in front of it. Bytes a millisecond; milliseconds one way. */
interface LinkModel {
  rate: number;
  delay: number;
}

/** Fills the window for so long over a link; returns what arrived, and every round trip with its time. */
function fill(window: BulkWindow, link: LinkModel, from: number, until: number) {
  const acks: { at: number; bytes: number; sentAt: number }[] = [];
  const trips: { at: number; took: number }[] = [];
  let now = from;
  let free = from;
  let unacked = 0;
  let arrived = 0;
  let owed = 0;
  while (now < until) {
    while (unacked + chunk <= window.size) {
      window.sent(chunk);
      unacked += chunk;
      free = Math.max(free, now) + chunk / link.rate;
      owed += chunk;
      if (owed < ackEvery) continue;
      acks.push({ at: free + 2 * link.delay, bytes: owed, sentAt: now });
      owed = 0;
    }
    window.fill();
    const ack = acks.shift();
    if (!ack) throw new Error('the window is too small for one ack');
    now = Math.max(now, ack.at);
    unacked -= ack.bytes;
    arrived += ack.bytes;
    trips.push({ at: now - from, took: now - ack.sentAt });
    window.acknowledged(ack.bytes, now - ack.sentAt);
  }
  return { share: arrived / (until - from) / link.rate, trips };
}

describe('over a link', () => {
  it.each([
    ['of 5 MB/s and 20 ms', 5_000, 20, 0.96, 95],
    ['of 1 MB/s and 100 ms', 1_000, 100, 0.93, 420],
    ['of 10 MB/s and 5 ms', 10_000, 5, 0.98, 40],
    ['of 100 MB/s next door', 100_000, 0.1, 0.9, 15],
  ])('%s it fills it, and leaves a short queue', (_, rate, delay, least, longest) => {
    const { share, trips } = fill(new BulkWindow(), { rate, delay }, 0, 10_000);
    expect(share).toBeGreaterThan(least);
    expect(Math.max(...trips.map(({ took }) => took))).toBeLessThan(longest);
  });

  it('of 64 KB/s it stays as small as it can be', () => {
    const window = new BulkWindow();
    const { share } = fill(window, { rate: 64, delay: 20 }, 0, 60_000);
    expect(share).toBeGreaterThan(0.95);
    expect(window.size).toBe(65_536);
  });

  it('that becomes slower it shrinks within seconds', () => {
    const window = new BulkWindow();
    const link = { rate: 5_000, delay: 20 };
    fill(window, link, 0, 3_000);
    const before = window.size;
    const { trips } = fill(window, { ...link, rate: 500 }, 3_000, 13_000);
    expect(window.size).toBeLessThan(before / 2);
    expect(trips.at(-1)?.took).toBeLessThan(200);
  });
});

it('does not grow while it is not filled', () => {
  const window = new BulkWindow();
  for (let i = 0; i < 100; i += 1) {
    window.sent(chunk);
    window.acknowledged(chunk, 40);
  }
  expect(window.size).toBe(65_536);
});

it('forgives a pause of this process: a link that was fast is not taken for a slow one at once', () => {
  const window = new BulkWindow();
  fill(window, { rate: 5_000, delay: 20 }, 0, 3_000);
  const before = window.size;
  window.sent(before);
  window.fill();
  window.acknowledged(before, 400);
  expect(window.size).toBeGreaterThan(before * 0.7);
});

it('makes sense of a clock that did not move', () => {
  const window = new BulkWindow();
  for (const took of [0, 0, 50, 0, 500, 0, 0, 50]) {
    window.sent(65_536);
    window.fill();
    window.acknowledged(65_536, took);
    expect(window.size).toBeGreaterThanOrEqual(65_536);
  }
});

it('never leaves its bounds', () => {
  const window = new BulkWindow();
  fill(window, { rate: 1_000_000, delay: 300 }, 0, 60_000);
  expect(window.size).toBe(1_048_576);
  fill(window, { rate: 50, delay: 100 }, 60_000, 1_060_000);
  expect(window.size).toBe(65_536);
});
