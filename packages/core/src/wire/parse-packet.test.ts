import { describe, expect, test } from 'vitest';
import { isSequenced } from './frame-kind.ts';
import { parseAny } from './packet-samples.ts';
import { utf8Length } from './utf8.ts';
import { WireError } from './wire-error.ts';

/** Parses one frame in a packet whose seq fits it. */
function parseFrame(frame: unknown[]): unknown {
  const kind = frame[0] as number;
  return parseAny([isSequenced(kind) ? 1 : 0, 0, frame]).frames[0];
}

function reasonOf(value: unknown): string {
  try {
    parseAny(value);
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
    expect((error as WireError).closeCode).toBe(4400);
    // Fits a close frame.
    expect(utf8Length((error as WireError).message)).toBeLessThanOrEqual(123);
    return (error as WireError).message;
  }
  return 'accepted';
}

/** What is said of a frame whose kind or elements are wrong. */
const wrong = (kind: unknown): string => `frame of kind ${String(kind)} is unknown, or an element is missing or wrong`;

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
    const packet = parseAny([5, 4, ...frames]);
    expect(packet).toEqual({ seq: 5, ack: 4, frames });
    expect(packet.frames[1]?.[2]).toBe(data);
  });

  test('may be empty', () => {
    expect(parseAny([0, 0])).toEqual({ seq: 0, ack: 0, frames: [] });
    expect(parseAny([0, 57])).toEqual({ seq: 0, ack: 57, frames: [] });
  });

  test.each([null, undefined, true, 1, '[0,0]', { 0: 0, 1: 0, length: 2 }, new Uint8Array(2)])('is not %j', (value) =>
    expect(reasonOf(value)).toBe('a packet is an array that begins with seq and ack'),
  );

  test.each([undefined, null, -1, -0, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, '1', 1n, [1]])(
    'neither seq nor ack is %s',
    (bad) => {
      expect(reasonOf([bad, 0])).toBe('a packet is an array that begins with seq and ack');
      expect(reasonOf([0, bad])).toBe('a packet is an array that begins with seq and ack');
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
      expect([kind, reasonOfFrame([kind, 'anything'])]).toEqual([kind, ignorable ? 'accepted' : wrong(kind)]);
    }
    expect(parseAny([1, 0, [64, 1], [1, 'x'], [127]]).frames).toEqual([[64, 1], [1, 'x'], [127]]);
  });

  test.each([undefined, null, -1, 1.5, '1', '64', 64.5, Number.NaN, [1]])('%j is not one', (kind) =>
    expect(reasonOf([1, 0, [kind, 'x']])).toBe(wrong('?')),
  );

  test('nor is a number beyond', () => expect(reasonOf([1, 0, [2 ** 40, 'x']])).toBe(wrong(2 ** 40)));

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
    expect(reasonOfFrame([1, name, 0])).toBe(wrong(1));
    expect(reasonOfFrame([2, 1, name, 0])).toBe(wrong(2));
    expect(reasonOfFrame([41, name, 0])).toBe(wrong(41));
    expect(reasonOfFrame([4, 1, name, 'm'])).toBe(wrong(4));
  });

  test('a name has up to 128 bytes', () => {
    expect([127, 128, 129].map((length) => reasonOfFrame([1, 'n'.repeat(length)]))).toEqual([
      'accepted',
      'accepted',
      wrong(1),
    ]);
  });

  test.each([0, -1, -0, 1.5, 2 ** 53, Number.NaN, '1', null, undefined])('an id is not %j', (id) => {
    expect(reasonOfFrame([2, id, 'x'])).toBe(wrong(2));
    expect(reasonOfFrame([3, id])).toBe(wrong(3));
    expect(reasonOfFrame([4, id, 'X', 'm'])).toBe(wrong(4));
    expect(reasonOfFrame([9, id])).toBe(wrong(9));
  });

  test('durations reach from 0 to what a timer can hold', () => {
    const longest = 2_147_483_647;
    for (const ms of [0, 0.25, 1, longest]) {
      expect(reasonOfFrame([2, 1, 'x', 0, { dl: ms }])).toBe('accepted');
      expect(reasonOfFrame([4, 1, 'X', 'm', 0, ms])).toBe('accepted');
    }
    for (const ms of [-1, longest + 1, Number.NaN, Number.POSITIVE_INFINITY, '5', {}]) {
      expect(reasonOfFrame([2, 1, 'x', 0, { dl: ms }])).toBe(wrong(2));
      expect(reasonOfFrame([4, 1, 'X', 'm', 0, ms])).toBe(wrong(4));
    }
  });

  test.each([5, 'x', true, [], new Uint8Array(1)])('meta is not %j', (meta) => {
    expect(reasonOfFrame([1, 'x', 0, meta])).toBe(wrong(1));
    expect(reasonOfFrame([2, 1, 'x', 0, meta])).toBe(wrong(2));
  });

  test('keys and traces of meta are short texts', () => {
    for (const key of ['k', 'tp']) {
      expect(reasonOfFrame([2, 1, 'x', 0, { [key]: 't'.repeat(128) }])).toBe('accepted');
      for (const bad of ['', 't'.repeat(129), 5, null, {}]) {
        expect(reasonOfFrame([2, 1, 'x', 0, { [key]: bad }])).toBe(wrong(2));
      }
    }
  });

  test.each([-1, 0.5, '1', null, {}])('the number of a ping or pong is not %j', (n) => {
    expect(reasonOfFrame([35, n])).toBe(wrong(35));
    expect(reasonOfFrame([36, n])).toBe(wrong(36));
  });

  test.each([5, null, {}, ['m']])('a text for people is not %j', (bad) => {
    expect(reasonOfFrame([4, 1, 'X', bad])).toBe(wrong(4));
    expect(reasonOfFrame([9, 1, bad])).toBe(wrong(9));
    expect(reasonOfFrame([34, 4400, bad])).toBe(wrong(34));
  });

  test('errors and rejects have a text', () => {
    expect(reasonOfFrame([4, 1, 'X'])).toBe(wrong(4));
    expect(reasonOfFrame([34, 4400])).toBe(wrong(34));
  });

  test('long texts for people are cut to 1,024 units, and no half of a pair stays', () => {
    for (const frame of [
      [4, 1, 'X'],
      [34, 4400],
    ]) {
      const cut = (text: string): unknown => (parseFrame([...frame, text]) as unknown[])[frame.length];
      expect([1_023, 1_024].map((length) => cut('m'.repeat(length)))).toEqual(['m'.repeat(1_023), 'm'.repeat(1_024)]);
      expect(cut('m'.repeat(1_025))).toBe('m'.repeat(1_024));
      expect(cut(`${'m'.repeat(1_022)}😀m`)).toBe(`${'m'.repeat(1_022)}😀`);
      expect(cut(`${'m'.repeat(1_023)}😀`)).toBe(`${'m'.repeat(1_023)}\ufffd`);
      expect(cut('€'.repeat(2_000))).toBe('€'.repeat(1_024));
      expect(cut('')).toBe('');
    }
  });
});

describe('hello and welcome', () => {
  test.each([32, 33])('%i carries a map, whatever is in it', (kind) => {
    expect(reasonOfFrame([kind, {}])).toBe('accepted');
    expect(reasonOfFrame([kind, { v: 'wrong' }, 'later'])).toBe('accepted');
    for (const body of [undefined, null, 5, 'x', [], new Uint8Array(1)]) {
      expect(reasonOfFrame([kind, body])).toBe(wrong(kind));
    }
  });
});

const badDuration = [null, -1, 2_147_483_648, Number.NaN, '1'];
const badUrl = [null, 5, '', 'u'.repeat(2_049), 'é'.repeat(1_025)];

describe('reject', () => {
  test('passes with and without a hint', () => {
    for (const rest of [
      [4401, ''],
      [1_000, 'm', null],
      [4_999, 'm', {}],
      [4521, 'm', { retryAfter: 0, url: 'wss://x', later: 1 }, 'later'],
      [4521, 'm', { url: 'u'.repeat(2_048) }],
    ]) {
      expect(parseFrame([34, ...rest])).toEqual([34, ...rest]);
    }
  });

  test.each([undefined, null, 999, 5_000, 4401.5, '4401'])('the code is not %j', (code) =>
    expect(reasonOfFrame([34, code, 'm'])).toBe(wrong(34)),
  );

  test.each([5, 'x', [], true])('the hint is not %j', (hint) =>
    expect(reasonOfFrame([34, 4401, 'm', hint])).toBe(wrong(34)),
  );

  test.each(badDuration)('retryAfter is not %j', (retryAfter) =>
    expect(reasonOfFrame([34, 4503, 'm', { retryAfter }])).toBe(wrong(34)),
  );

  test.each(badUrl)('the url is not %j', (url) => expect(reasonOfFrame([34, 4521, 'm', { url }])).toBe(wrong(34)));
});

describe('goaway', () => {
  const notice = { code: 4512, within: 0, after: 0, resume: true };

  test('passes with what it must have, with a url, and with keys of later versions', () => {
    expect(reasonOfFrame([37, notice])).toBe('accepted');
    expect(reasonOfFrame([37, { ...notice, url: 'u'.repeat(2_048), later: {} }, 'later'])).toBe('accepted');
  });

  test.each<[string, readonly unknown[]]>([
    ['code', [undefined, null, 999, 5_000, 1_000.5, '4512']],
    ['within', [undefined, ...badDuration]],
    ['after', [undefined, ...badDuration]],
    ['resume', [undefined, null, 1, 'true']],
    ['url', badUrl],
  ])('must have %s of the right type', (key, values) => {
    for (const value of values) expect(reasonOfFrame([37, { ...notice, [key]: value }])).toBe(wrong(37));
  });

  test.each([undefined, null, 5, 'x', [], new Uint8Array(1)])('is not %j', (body) =>
    expect(reasonOfFrame([37, body])).toBe(wrong(37)),
  );
});
