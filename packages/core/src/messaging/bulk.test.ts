import { describe, expect, it } from 'vitest';
import { calls, dialled, end, attached, over, packets, told } from '../endpoint/endpoint-samples.ts';
import { Heartbeat } from '../endpoint/heartbeat.ts';
import type { BulkEndpoint } from '../endpoint/bulk-endpoint.ts';
import { defaultSendLimits } from '../endpoint/defaults.ts';
import type { SendItem } from '../session/send-item.ts';
import { Session } from '../session/session.ts';
import { encodeChunk, first, givenUp, last, ofFrame, parseChunk, type Chunk } from '../wire/chunk.ts';
import { Kind } from '../wire/frame.ts';
import { jsonCodec } from '../wire/json-codec.ts';
import { defaultWireLimits } from '../wire/limits.ts';
import { Bulk } from './bulk.ts';
import type { OutgoingExchange } from './exchange.ts';

const heartbeat = { every: 25_000, grace: 20_000 };

/** An end that takes chunks, over a connection to one that does, too. */
function bulky(firstId: 1 | 2): BulkEndpoint {
  const made = end(firstId);
  made.attach(
    { peerReceived: 0, peerAccepts: defaultWireLimits, caps: ['chunk'], heartbeat: new Heartbeat(heartbeat, 0) },
    0,
  );
  return made;
}

function said(of: Partial<Chunk>): Uint8Array {
  return encodeChunk({ seq: 1, ack: 0, id: 1, flags: 0, total: 0, bytes: new Uint8Array(1_024), ...of });
}

/** The chunks it wants to write. */
function written(by: BulkEndpoint): Chunk[] {
  return packets(by).flatMap((packet) =>
    typeof packet === 'string' ? [] : [parseChunk(packet as unknown as Uint8Array)],
  );
}

/** Codes of the closes it asks for. */
function closes(of: BulkEndpoint): number[] {
  return told(of).flatMap((output) =>
    (output as { code?: number }).code === undefined ? [] : (output as { code: number }).code,
  );
}

const large = 'x'.repeat(200_000);

describe('sending', () => {
  it('tells of a frame that is given up half-way, and not of one that never began', () => {
    const a = bulky(1);
    const ask = (name: string) =>
      calls(a).start({ name, params: large, timeout: Infinity, key: undefined, sink: () => undefined }, 0);
    const asked = ['a', 'b', 'c'].map(ask);
    // The window is full of the first two; the third has its turn and no room.
    const before = written(a);
    expect(before.map(({ id }) => id)).toEqual([1, 1, 2, 1]);
    for (const n of [0, 2]) calls(a).cancel(asked[n] as (typeof asked)[0]);
    a.receive(`[0,${before.length}]`, 10);
    const after = written(a);
    expect(after[0]).toMatchObject({ id: 1, flags: ofFrame | givenUp });
    expect(new Set(after.slice(1).map(({ id }) => id))).toEqual(new Set([2]));
  });

  it('takes turns between frames of different names, and keeps the order of one', () => {
    const a = bulky(1);
    for (const name of ['a', 'b', 'a']) a.send(name, large);
    a.send('a', 'small');
    a.send('c', 'small');
    const ids: number[] = [];
    for (let round = 0; round < 100; round += 1) {
      const chunks = written(a);
      ids.push(...chunks.map(({ id }) => id));
      if (chunks.length > 0) a.receive(`[0,${chunks.at(-1)?.seq}]`, round);
    }
    expect(ids.slice(0, 6)).toEqual([1, 1, 2, 1, 2, 1]);
    expect(ids.lastIndexOf(1)).toBeLessThan(ids.indexOf(3));
    expect(ids.lastIndexOf(3)).toBeLessThan(ids.indexOf(4));
    expect(ids.filter((id) => id === 4)).toHaveLength(1);
    expect(a.outstanding).toBe(0);
    expect(a.keptBytes).toBe(0);
  });

  it('keeps no more unacknowledged than the window, whatever waits', () => {
    const a = bulky(1);
    for (let i = 0; i < 10; i += 1) a.send(`m${i}`, large);
    expect(written(a).reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThanOrEqual(65_536);
  });

  it('goes inline where the other side takes no chunks, in the order of sending', () => {
    const a = end(1);
    a.send('a', 'x'.repeat(100_000));
    a.send('b', 'small');
    a.send('c', 'x'.repeat(300_000));
    dialled(a);
    expect(packets(a).map((packet) => packet.slice(0, 12))).toEqual(['[0,0,[35,1]]', '[1,0,[1,"a",', '[2,0,[1,"b",']);
    expect(told(a)).toMatchObject([{ type: 'dropped', name: 'c', error: { code: 'TOO_LARGE' } }]);
  });
});

describe('many that wait', () => {
  /** Times anything asked what a frame is, while this many small ones wait behind large ones of two names. */
  function looks(small: number): number {
    let looked = 0;
    let order = 0;
    const item = (name: string, bytes: number): SendItem => ({
      get kind() {
        looked += 1;
        return 'message' as const;
      },
      ...{ name, key: name, order: (order += 1), bytes, encoded: new Uint8Array(bytes), seq: 0 },
    });
    const options = { codec: jsonCodec, accepts: defaultWireLimits, keeps: defaultSendLimits };
    const session = new Session(defaultSendLimits);
    const bulk = new Bulk({ options, session, exchanges: undefined, outputs: [], fits: () => true });
    bulk.attach(true, defaultWireLimits, 65_536, 0);
    // Those of one name stand before those of the other, which are the first that can go.
    for (const [name, bytes] of [['a', 2_000_000] as const, ['b', 100_000] as const]) bulk.push(item(name, bytes));
    for (let i = 0; i < small; i += 1) bulk.push(item('a', 10));
    for (let i = 0; i < small; i += 1) bulk.push(item('b', 10));
    const left: string[] = [];
    for (let seq = 1; bulk.waits; seq += 1) {
      const chunk = bulk.next(0);
      if (chunk?.name) left.push(chunk.name);
      session.acknowledge(seq);
      bulk.acked(0);
    }
    expect(left).toHaveLength(2 * small + 2);
    expect(left.indexOf('b')).toBeLessThan(left.indexOf('a'));
    return looked;
  }

  it('cost each the same, however many they are', () => {
    const perFrame = looks(500) / 1_000;
    expect(looks(5_000) / 10_000).toBeLessThan(perFrame * 1.1);
  });

  it('begin in the order of sending when one in the middle is taken back', () => {
    const a = bulky(1);
    const ask = (params: string) =>
      calls(a).start({ name: 'a', params, timeout: Infinity, key: undefined, sink: () => undefined }, 0);
    const [, second, third] = ['1', '2', '3', '4'].map((n) => ask(n.repeat(70_000)));
    calls(a).cancel(third as OutgoingExchange);
    calls(a).cancel(second as OutgoingExchange);
    let text = '';
    for (let chunks = written(a); chunks.length > 0; chunks = written(a)) {
      for (const { bytes } of chunks) text += new TextDecoder().decode(bytes);
      a.receive(`[0,${a.session.lastSeq}]`, 1);
    }
    expect(text.match(/[1-4]{70000}/g)?.map(([n]) => n)).toEqual(['1', '4']);
    expect(a.keptBytes).toBe(0);
    a.send('a', 'x');
    // Nobody is before it any more, so it goes inline.
    expect(packets(a)).toHaveLength(1);
  });
});

it('counts nothing of an upload that ended with its session', () => {
  const a = bulky(1);
  const { bulk } = a;
  const sink = () => undefined;
  const asked = { name: 'file', params: null, timeout: Infinity, key: undefined, opening: 0, sink };
  const transfer = bulk.open(calls(a).start(asked, 0));
  for (let i = 0; i < 8; i += 1) bulk.give(transfer, new Uint8Array(16_384), false);
  packets(a);
  over(a);
  bulk.close(transfer);
  expect(a.keptBytes).toBe(0);
});

describe('receiving', () => {
  it('refuses a frame over its limit at the first chunk', () => {
    const b = bulky(2);
    b.receive(said({ flags: ofFrame | first, total: 2 ** 40 }), 0);
    expect(closes(b)).toEqual([4413]);
  });

  it('keeps at most 32 MiB of unfinished frames', () => {
    const b = bulky(2);
    const bytes = new Uint8Array(65_536);
    for (let seq = 1; seq <= 512; seq += 1) {
      const id = 1 + (seq % 3);
      const flags = seq <= 3 ? ofFrame | first : ofFrame;
      b.receive(said({ seq, id: seq <= 3 ? seq : id, flags, total: 16_777_216, bytes }), 0);
    }
    expect(closes(b)).toEqual([]);
    expect(b.keptBytes).toBe(33_554_432);
    b.receive(said({ seq: 513, id: 1, flags: ofFrame, bytes }), 0);
    expect(closes(b)).toEqual([4413]);
  });

  it('closes for a frame that stands still for a minute, with a connection', () => {
    const b = bulky(2);
    b.receive(said({ flags: ofFrame | first, total: 5_000 }), 0);
    b.handleTimeout(59_999);
    expect(closes(b)).toEqual([]);
    expect(b.deadline).toBeLessThanOrEqual(60_000);
    b.handleTimeout(60_000);
    expect(closes(b)).toEqual([4400]);
  });

  it('does not blame the other side for a sleep of its own', () => {
    const b = bulky(1);
    b.receive(said({ flags: ofFrame | first, total: 5_000 }), 0);
    b.handleTimeout(300_000);
    expect(closes(b)).toEqual([]);
    b.handleTimeout(360_000);
    expect(closes(b)).toEqual([4400]);
  });

  it('does not count the time without a connection', () => {
    const b = bulky(2);
    b.receive(said({ flags: ofFrame | first, total: 5_000 }), 0);
    b.detach(1006);
    b.handleTimeout(500_000);
    b.attach(
      {
        peerReceived: 0,
        peerAccepts: defaultWireLimits,
        caps: ['chunk'],
        heartbeat: new Heartbeat(heartbeat, 500_000),
      },
      500_000,
    );
    b.handleTimeout(559_000);
    expect(closes(b)).toEqual([]);
  });

  it('allows an upload 1 MiB, and what was read', () => {
    const b = bulky(2);
    b.receive(`[1,0,[${Kind.open},1,"file",null,0]]`, 0);
    const [exchange] = calls(b).uploads();
    const bytes = new Uint8Array(65_536);
    for (let seq = 2; seq <= 17; seq += 1) b.receive(said({ seq, bytes }), 0);
    expect(closes(b)).toEqual([]);
    if (exchange) calls(b).allow(exchange, 65_536);
    b.receive(said({ seq: 18, bytes }), 0);
    expect(closes(b)).toEqual([]);
    b.receive(said({ seq: 19 }), 0);
    expect(closes(b)).toEqual([4400]);
  });

  it('counts what came of an upload until it is read, also when all of it came', () => {
    const b = bulky(2);
    let seq = 0;
    for (let id = 1; id < 200; id += 2) {
      b.receive(`[${(seq += 1)},0,[${Kind.open},${id},"file",null,0]]`, 0);
      for (let i = 1; i <= 16; i += 1)
        b.receive(said({ seq: (seq += 1), id, flags: i === 16 ? last : 0, bytes: new Uint8Array(65_536) }), 0);
    }
    expect(closes(b)).toEqual([]);
    expect(b.keptBytes).toBeGreaterThanOrEqual(100 * 1_048_576);
  });

  it('answers an idle upload with TIMEOUT, unless it may not send', () => {
    const b = bulky(2);
    b.receive(`[1,0,[${Kind.open},1,"file",null,0],[${Kind.open},3,"file",null,0]]`, 0);
    const bytes = new Uint8Array(65_536);
    for (let seq = 3; seq <= 12; seq += 1) b.receive(said({ seq, id: 3, bytes }), 0);
    told(b);
    packets(b);
    b.handleTimeout(61_000);
    const answers = packets(b, 61_000).join();
    expect(answers).toContain('[4,1,"TIMEOUT"');
    expect(answers).not.toContain('[4,3,');
    b.handleTimeout(500_000);
    expect(packets(b, 500_000).join()).not.toContain('[4,3,');
  });

  it('takes no chunks from who never said it sends them', () => {
    const b = attached(end(2));
    b.receive(said({ flags: ofFrame | first | last, total: 1_024 }), 0);
    expect(closes(b)).toEqual([4400]);
  });
});
