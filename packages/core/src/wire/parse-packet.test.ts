import { describe, expect, test } from 'vitest';
import { isSequenced } from './frame-kind.ts';
import { parsePacket } from './parse-packet.ts';
import { utf8Length } from './utf8.ts';
import { WireError } from './wire-error.ts';

/** Parses one frame in a packet whose seq fits it. */
function parseFrame(frame: unknown[]): unknown {
  const kind = frame[0] as number;
  return parsePacket([isSequenced(kind) ? 1 : 0, 0, frame]).frames[0];
}

function reasonOf(value: unknown): string {
  try {
    parsePacket(value);
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
    expect((error as WireError).closeCode).toBe(4400);
    // Fits a close frame.
    expect(utf8Length((error as WireError).message)).toBeLessThanOrEqual(123);
    return (error as WireError).message;
  }
  return 'accepted';
}

const reasonOfFrame = (frame: unknown[]): string => reasonOf([isSequenced(frame[0] as number) ? 1 : 0, 0, frame]);

describe('packet', () => {
  test('gives seq, ack and the frames in order, untouched', () => {
    const data = { a: [1] };
    const frames = [
      [36, 2],
      [1, 'x', data],
      [41, 'y'],
      [3, 1],
    ];
    const packet = parsePacket([5, 4, ...frames]);
    expect(packet).toEqual({ seq: 5, ack: 4, frames });
    expect(packet.frames[1]?.[2]).toBe(data);
  });

  test('may be empty', () => {
    expect(parsePacket([0, 0])).toEqual({ seq: 0, ack: 0, frames: [] });
    expect(parsePacket([0, 57])).toEqual({ seq: 0, ack: 57, frames: [] });
  });

  test.each([null, undefined, true, 1, '[0,0]', { 0: 0, 1: 0, length: 2 }, new Uint8Array(2)])('is not %j', (value) =>
    expect(reasonOf(value)).toBe('packet is not an array'),
  );

  test.each([undefined, null, -1, -0, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, '1', 1n, [1]])(
    'neither seq nor ack is %s',
    (bad) => {
      expect(reasonOf([bad, 0])).toBe('packet without seq and ack');
      expect(reasonOf([0, bad])).toBe('packet without seq and ack');
    },
  );

  test('has a seq if and only if a frame uses one', () => {
    expect(reasonOf([0, 0, [1, 'x']])).toBe('seq does not fit the frames');
    expect(reasonOf([0, 0, [64]])).toBe('seq does not fit the frames');
    expect(reasonOf([1, 0])).toBe('seq does not fit the frames');
    expect(reasonOf([1, 0, [41, 'x'], [96], [35]])).toBe('seq does not fit the frames');
    expect(reasonOf([1, 0, [41, 'x'], [1, 'x']])).toBe('accepted');
    expect(reasonOf([1, 0, [64]])).toBe('accepted');
  });

  test('does not count beyond 2^53 - 1', () => {
    const last = Number.MAX_SAFE_INTEGER;
    expect(reasonOf([last, 0, [1, 'x']])).toBe('accepted');
    expect(reasonOf([last - 1, 0, [1, 'x'], [1, 'x']])).toBe('accepted');
    expect(reasonOf([last, 0, [1, 'x'], [35], [1, 'x']])).toBe('seq out of range');
  });
});

describe('kinds', () => {
  test('unknown ones are refused or kept, as their range says', () => {
    const known = new Set([1, 2, 3, 4, 9, 32, 33, 34, 35, 36, 37, 41]);
    for (let kind = 0; kind < 200; kind += 1) {
      if (known.has(kind)) continue;
      const ignorable = kind >= 64 && kind <= 127;
      expect([kind, reasonOfFrame([kind, 'anything'])]).toEqual([
        kind,
        ignorable ? 'accepted' : 'unknown kind of frame',
      ]);
    }
    expect(parsePacket([1, 0, [64, 1], [1, 'x'], [127]]).frames).toEqual([[64, 1], [1, 'x'], [127]]);
  });

  test.each([undefined, null, -1, 1.5, '1', '64', 64.5, Number.NaN, 2 ** 40, [1]])('%j is not one', (kind) =>
    expect(reasonOf([1, 0, [kind, 'x']])).toBe('unknown kind of frame'),
  );

  test.each([null, 5, 'x', { 0: 1 }, new Uint8Array([35])])('a frame is not %j', (frame) =>
    expect(reasonOf([0, 0, frame])).toBe('frame is not an array'),
  );
});

describe('frames with the fewest elements, with all, and with more', () => {
  test.each([
    [[1, 'x']],
    [[1, 'x', null, null]],
    [[1, 'x', { a: 1 }, { dl: 1 }, 'later', {}]],
    [[2, 1, 'x']],
    [[2, 1, 'x', [], { dl: 0, k: 'k', tp: 't', zz: [] }, 'later']],
    [[3, 1]],
    [[3, Number.MAX_SAFE_INTEGER, undefined, 'later']],
    [[4, 1, 'X', '']],
    [[4, 1, 'X', 'm', null, null]],
    [[4, 1, 'X', 'm', { a: 1 }, 0.5, 'later']],
    [[9, 1]],
    [[9, 1, 'why', 'later']],
    [[35]],
    [[36, 0]],
    [[36, Number.MAX_SAFE_INTEGER, 'later']],
    [[41, 'x']],
    [[41, 'x', null, { dl: 'not meta here' }]],
  ])('%j', (frame) => expect(parseFrame(frame)).toEqual(frame));
});

describe('fields', () => {
  const names = ['', 'n'.repeat(129), 'a\nb', '\ud800', 5, null, undefined];
  test.each(names)('a name is not %j', (name) => {
    expect(reasonOfFrame([1, name, 0])).toBe('message: wrong name');
    expect(reasonOfFrame([2, 1, name, 0])).toBe('request: wrong name');
    expect(reasonOfFrame([41, name, 0])).toBe('volatile: wrong name');
    expect(reasonOfFrame([4, 1, name, 'm'])).toBe('error: wrong code');
  });

  test('a name has up to 128 bytes', () => {
    expect([127, 128, 129].map((length) => reasonOfFrame([1, 'n'.repeat(length)]))).toEqual([
      'accepted',
      'accepted',
      'message: wrong name',
    ]);
  });

  test.each([0, -1, -0, 1.5, 2 ** 53, Number.NaN, '1', null, undefined])('an id is not %j', (id) => {
    expect(reasonOfFrame([2, id, 'x'])).toBe('request: wrong id');
    expect(reasonOfFrame([3, id])).toBe('result: wrong id');
    expect(reasonOfFrame([4, id, 'X', 'm'])).toBe('error: wrong id');
    expect(reasonOfFrame([9, id])).toBe('cancel: wrong id');
  });

  test('durations reach from 0 to what a timer can hold', () => {
    const longest = 2_147_483_647;
    for (const ms of [0, 0.25, 1, longest]) {
      expect(reasonOfFrame([2, 1, 'x', 0, { dl: ms }])).toBe('accepted');
      expect(reasonOfFrame([4, 1, 'X', 'm', 0, ms])).toBe('accepted');
    }
    for (const ms of [-1, longest + 1, Number.NaN, Number.POSITIVE_INFINITY, '5', {}]) {
      expect(reasonOfFrame([2, 1, 'x', 0, { dl: ms }])).toBe('meta: wrong dl');
      expect(reasonOfFrame([4, 1, 'X', 'm', 0, ms])).toBe('error: wrong retryAfter');
    }
  });

  test.each([5, 'x', true, [], new Uint8Array(1)])('meta is not %j', (meta) => {
    expect(reasonOfFrame([1, 'x', 0, meta])).toBe('meta is not a map');
    expect(reasonOfFrame([2, 1, 'x', 0, meta])).toBe('meta is not a map');
  });

  test('keys and traces of meta are short texts', () => {
    for (const key of ['k', 'tp']) {
      expect(reasonOfFrame([2, 1, 'x', 0, { [key]: 't'.repeat(128) }])).toBe('accepted');
      for (const bad of ['', 't'.repeat(129), 5, null, {}]) {
        expect(reasonOfFrame([2, 1, 'x', 0, { [key]: bad }])).toBe(`meta: wrong ${key}`);
      }
    }
  });

  test.each([-1, 0.5, '1', null, undefined, {}])('the number of a ping or pong is not %j', (n) => {
    expect(reasonOfFrame([35, n])).toBe('ping or pong with a wrong number');
    expect(reasonOfFrame([36, n])).toBe('ping or pong with a wrong number');
  });

  test.each([5, null, undefined, {}, ['m']])('a text for people is not %j', (bad) => {
    expect(reasonOfFrame([4, 1, 'X', bad])).toBe('error: wrong text');
    expect(reasonOfFrame([9, 1, bad])).toBe('cancel: wrong text');
    expect(reasonOfFrame([34, 4400, bad])).toBe('reject: wrong text');
  });

  test('long texts for people are cut to 1,024 bytes, between characters', () => {
    for (const frame of [
      [4, 1, 'X'],
      [9, 1],
      [34, 4400],
    ]) {
      const cut = (text: string): unknown => (parseFrame([...frame, text]) as unknown[])[frame.length];
      expect([1_023, 1_024].map((length) => cut('m'.repeat(length)))).toEqual(['m'.repeat(1_023), 'm'.repeat(1_024)]);
      expect(cut('m'.repeat(1_025))).toBe('m'.repeat(1_024));
      expect(cut(`${'m'.repeat(1_022)}😀`)).toBe('m'.repeat(1_022));
      expect(cut('€'.repeat(2_000))).toBe('€'.repeat(341));
    }
  });
});
