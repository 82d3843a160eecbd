import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SendBuffer } from './send-buffer.ts';
import type { SendItem, SendItemKind } from './send-item.ts';
import type { SendLimits } from './send-limits.ts';

const roomy: SendLimits = {
  queueCount: 1_000,
  queueBytes: 100_000,
  replayCount: 1_000,
  replayBytes: 100_000,
  largeBytes: 1_000_000,
};

function item(text: string, kind: SendItemKind = 'message'): SendItem {
  return { kind, name: text, key: text, order: 0, bytes: text.length, encoded: text, seq: 0 };
}

function buffer(limits: Partial<SendLimits> = {}, ...texts: string[]): SendBuffer {
  const made = new SendBuffer({ ...roomy, ...limits });
  for (const text of texts) made.push(item(text));
  return made;
}

function transmit(from: SendBuffer, room = Infinity): string[] {
  const sent: string[] = [];
  for (let next = from.next(room); next !== undefined; next = from.next(room)) sent.push(`${next.seq}${next.name}`);
  return sent;
}

/** A new connection of a peer that received nothing more than it acknowledged. */
function rewind(of: SendBuffer): void {
  expect(of.resume(of.firstSeq - 1)).toBe(true);
}

describe('numbers', () => {
  it('are given on first transmission and kept ever after', () => {
    const b = buffer({}, 'a', 'b');
    expect(b.lastSeq).toBe(0);
    expect(transmit(b)).toEqual(['1a', '2b']);
    rewind(b);
    expect(transmit(b)).toEqual(['1a', '2b']);
    expect(b.lastSeq).toBe(2);
  });

  it('leave no gap for what was withdrawn or dropped before it left', () => {
    const b = buffer({}, 'a', 'b', 'c', 'd');
    const withdrawn = b.unsent()[2] as SendItem;
    expect(b.withdraw(withdrawn)).toBe(true);
    expect(b.dropOldest()?.name).toBe('a');
    expect(transmit(b)).toEqual(['1b', '2d']);
  });

  it('say from where a replay is possible', () => {
    const b = buffer({}, 'a', 'b', 'c');
    expect(b.firstSeq).toBe(1);
    transmit(b);
    expect(b.firstSeq).toBe(1);
    b.acknowledge(2);
    expect(b.firstSeq).toBe(3);
    b.acknowledge(3);
    expect(b.firstSeq).toBe(4);
  });
});

describe('acknowledge', () => {
  it('frees what the peer has, counts messages and calls, and goes on where it was', () => {
    const b = buffer({}, 'a');
    b.push(item('r', 'reply'));
    b.push(item('q', 'call'));
    b.push(item('d'));
    transmit(b);
    b.push(item('e'));
    expect(b.acknowledge(3)).toBe(true);
    expect(b.acked).toBe(2);
    expect(b.replayBytes).toBe(1);
    expect(transmit(b)).toEqual(['5e']);
  });

  it('refuses a number that was never given', () => {
    const b = buffer({}, 'a');
    expect(b.acknowledge(1)).toBe(false);
    transmit(b);
    expect(b.acknowledge(2)).toBe(false);
    expect(b.replayCount).toBe(1);
  });

  it('in the middle of a replay does not skip what comes after', () => {
    const b = buffer({}, 'a', 'b', 'c', 'd');
    transmit(b);
    rewind(b);
    expect(b.next(Infinity)?.seq).toBe(1);
    b.acknowledge(3);
    expect(transmit(b)).toEqual(['4d']);
  });
});

describe('bounds', () => {
  it('hold back new items while the replay part is full, by count', () => {
    const b = buffer({ replayCount: 2 }, 'a', 'b', 'c');
    expect(transmit(b)).toEqual(['1a', '2b']);
    b.acknowledge(1);
    expect(transmit(b)).toEqual(['3c']);
  });

  it('hold back new items while the replay part is full, by bytes', () => {
    const b = buffer({ replayBytes: 5 }, 'aaa', 'bb', 'c');
    expect(transmit(b)).toEqual(['1aaa', '2bb']);
    b.acknowledge(1);
    expect(transmit(b)).toEqual(['3c']);
  });

  it('let a single item pass that is larger than the replay part may be', () => {
    const b = buffer({ replayBytes: 5 }, 'aaaaaaaa', 'b');
    expect(transmit(b)).toEqual(['1aaaaaaaa']);
    b.acknowledge(1);
    expect(transmit(b)).toEqual(['2b']);
  });

  it('are judged with the item that asks for room', () => {
    const b = buffer({ queueCount: 2, queueBytes: 10 }, 'aaaaa');
    expect([b.hasRoom(5), b.hasRoom(6)]).toEqual([true, false]);
    b.push(item('b'));
    expect(b.hasRoom(0)).toBe(false);
  });

  it('are passed when both parts together hold too much', () => {
    const b = buffer({ queueCount: 1, replayCount: 1 }, 'a', 'b');
    transmit(b);
    expect(b.overfull).toBe(false);
    b.push(item('c'));
    expect(b.overfull).toBe(true);
    const bytes = buffer({ queueBytes: 3, replayBytes: 3 }, 'aaa');
    transmit(bytes);
    bytes.push(item('bbb'));
    expect(bytes.overfull).toBe(false);
    bytes.push(item('c'));
    expect(bytes.overfull).toBe(true);
  });

  it('are not passed by an item the replay part takes although it is too large, nor by what the queue has room for', () => {
    const bytes = buffer({ queueBytes: 3, replayBytes: 1 }, 'aaa');
    transmit(bytes);
    bytes.push(item('bbb'));
    expect(bytes.overfull).toBe(false);
    bytes.push(item('c'));
    expect(bytes.overfull).toBe(true);
    const none = buffer({ queueCount: 1, replayCount: 0 }, 'a');
    transmit(none);
    none.push(item('b'));
    expect(none.overfull).toBe(false);
    none.push(item('c'));
    expect(none.overfull).toBe(true);
  });
});

describe('room', () => {
  it('holds back an item that is too large for the packet, new or replayed', () => {
    const b = buffer({}, 'aaaa', 'b');
    expect(b.next(3)).toBeUndefined();
    expect(b.lastSeq).toBe(0);
    expect(b.next(4)?.name).toBe('aaaa');
    rewind(b);
    expect(b.next(3)).toBeUndefined();
    expect(transmit(b, 4)).toEqual(['1aaaa', '2b']);
  });
});

describe('taking back', () => {
  it('is impossible once transmitted, and works once', () => {
    const b = buffer({}, 'a', 'b');
    const [a, second] = b.unsent() as [SendItem, SendItem];
    b.next(Infinity);
    expect(b.withdraw(a)).toBe(false);
    expect(b.withdraw(second)).toBe(true);
    expect(b.withdraw(second)).toBe(false);
    expect([b.queueCount, b.queueBytes]).toEqual([0, 0]);
  });

  it('takes messages only, under drop-oldest', () => {
    const b = new SendBuffer(roomy);
    b.push(item('q', 'call'));
    b.push(item('r', 'reply'));
    expect(b.dropOldest()).toBeUndefined();
    b.push(item('m'));
    expect(b.dropOldest()?.name).toBe('m');
    expect(transmit(b)).toEqual(['1q', '2r']);
  });

  it('does not grow the queue when repeated', () => {
    const b = new SendBuffer(roomy);
    for (let n = 0; n < 10_000; n += 1) {
      const passing = item('x');
      b.push(passing);
      b.withdraw(passing);
    }
    b.push(item('last'));
    expect(b.unsent()).toHaveLength(1);
    expect(transmit(b)).toEqual(['1last']);
  });
});

describe('account of what is left', () => {
  it('tells what was transmitted from what was not', () => {
    const b = buffer({ replayCount: 2 }, 'a', 'b', 'c', 'd');
    transmit(b);
    b.acknowledge(1);
    b.withdraw(b.unsent()[0] as SendItem);
    expect(b.unacknowledged().map(({ name }) => name)).toEqual(['b']);
    expect(b.unsent().map(({ name }) => name)).toEqual(['d']);
  });
});

type Step = readonly [what: 'push' | 'next' | 'ack' | 'rewind' | 'withdraw' | 'drop', n: number];

it('agrees with a plain list over random sequences', () => {
  const steps = fc.array(
    fc.tuple(
      fc.constantFrom<Step[0][]>('push', 'push', 'next', 'next', 'ack', 'rewind', 'withdraw', 'drop'),
      fc.nat(20),
    ),
    { maxLength: 120 },
  );
  fc.assert(
    fc.property(steps, (script: readonly Step[]) => {
      const b = buffer({ replayCount: 6, replayBytes: 60 });
      let queue: SendItem[] = [];
      let replay: SendItem[] = [];
      let cursor = 0;
      let last = 0;
      for (const [what, n] of script) {
        if (what === 'push') {
          const pushed = item('x'.repeat(n), n % 3 === 0 ? 'call' : 'message');
          queue.push(pushed);
          b.push(pushed);
        } else if (what === 'next') {
          let expected = replay[cursor];
          const head = queue[0];
          const kept = replay.reduce((sum, { bytes }) => sum + bytes, 0);
          if (
            expected === undefined &&
            head &&
            (replay.length === 0 || (replay.length < 6 && kept + head.bytes <= 60))
          ) {
            expected = head;
            queue = queue.slice(1);
            replay.push(head);
            last += 1;
          }
          if (expected !== undefined) cursor += 1;
          expect(b.next(Infinity)).toBe(expected);
          expect(b.lastSeq).toBe(last);
        } else if (what === 'ack') {
          const ack = last - n;
          const freed = replay.filter(({ seq }) => seq <= ack).length;
          replay = replay.slice(freed);
          cursor = Math.max(0, cursor - freed);
          expect(b.acknowledge(ack)).toBe(true);
        } else if (what === 'rewind') {
          cursor = 0;
          rewind(b);
        } else if (what === 'withdraw') {
          const victim = queue[n];
          if (victim !== undefined) expect(b.withdraw(victim)).toBe(true);
          queue = queue.filter((other) => other !== victim);
        } else {
          const victim = queue.find(({ kind }) => kind === 'message');
          expect(b.dropOldest()).toBe(victim);
          queue = queue.filter((other) => other !== victim);
        }
        expect([b.size, b.queueCount, b.replayCount]).toEqual([
          queue.length + replay.length,
          queue.length,
          replay.length,
        ]);
        expect(b.unsent()).toEqual(queue);
        expect(b.unacknowledged()).toEqual(replay);
        expect(b.queueBytes).toBe(queue.reduce((sum, { bytes }) => sum + bytes, 0));
        expect(b.replayBytes).toBe(replay.reduce((sum, { bytes }) => sum + bytes, 0));
      }
    }),
    { numRuns: 300 },
  );
});
