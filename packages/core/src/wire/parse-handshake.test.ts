import { describe, expect, test } from 'vitest';
import { parsePacket } from './parse-packet.ts';
import { WireError } from './wire-error.ts';

type Body = Record<string, unknown>;

const lim = { frame: 1_024, msg: 1_024, inflight: 1 };
const hello: Body = { v: 0, caps: [], lim };
const resume: Body = { sid: 's', tok: 't', n: 0, recv: 0, first: 1 };
const welcome: Body = {
  v: 0,
  sid: 's',
  tok: 't',
  resumed: false,
  recv: 0,
  caps: [],
  lim,
  hb: { every: 1, grace: 0 },
  window: 0,
  spread: 0,
};
const goaway: Body = { code: 4512, within: 0, after: 0, resume: true };

function reasonOf(...frame: unknown[]): string {
  try {
    parsePacket([0, 0, frame]);
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
    expect((error as WireError).closeCode).toBe(4400);
    return (error as WireError).message;
  }
  return 'accepted';
}

const without = (body: Body, key: string): Body =>
  Object.fromEntries(Object.entries(body).filter(([name]) => name !== key));

const badCount = [null, -1, -0, 0.5, 2 ** 53, '1', true];
const badName = [null, '', 5, 'n'.repeat(129), 'a\nb', ['s']];
const badDuration = [null, -1, 2_147_483_648, Number.NaN, '1'];
const badMap = [null, 5, 'x', [], new Uint8Array(1)];
const badSize = [null, 1_023, 1_024.5, -1, '2048'];

describe.each<[string, number, Body, Record<string, readonly unknown[]>]>([
  ['hello', 32, hello, { v: badCount, caps: [null, 'a', {}, [5], ['']], lim: badMap }],
  [
    'welcome',
    33,
    welcome,
    {
      v: badCount,
      sid: badName,
      tok: badName,
      resumed: [null, 0, 'true'],
      recv: badCount,
      caps: [null, 'a', {}, [5], ['']],
      lim: badMap,
      hb: badMap,
      window: badDuration,
      spread: badDuration,
    },
  ],
  [
    'goaway',
    37,
    goaway,
    { code: [null, 999, 5_000, 1_000.5, '4512'], within: badDuration, after: badDuration, resume: [null, 1, 'true'] },
  ],
])('%s', (what, kind, body, bad) => {
  test('passes with what it must have, and with keys of later versions', () => {
    expect(reasonOf(kind, body)).toBe('accepted');
    expect(reasonOf(kind, { ...body, later: { a: 1 } }, 'later')).toBe('accepted');
  });

  test('must have a body that is a map', () => {
    expect(reasonOf(kind)).toBe(`${what} is missing or wrong`);
    for (const value of badMap) expect(reasonOf(kind, value)).toBe(`${what} is missing or wrong`);
  });

  test.each(Object.keys(bad))('must have %s, of the right type', (key) => {
    const expected = `${what}: ${key} is missing or wrong`;
    expect(reasonOf(kind, without(body, key))).toBe(expected);
    for (const value of bad[key] as readonly unknown[])
      expect(reasonOf(kind, { ...body, [key]: value })).toBe(expected);
  });
});

describe('limits of hello and welcome', () => {
  test.each<[string, number, Body]>([
    ['hello', 32, hello],
    ['welcome', 33, welcome],
  ])('%s', (what, kind, body) => {
    const reason = (key: string, value: unknown): string => reasonOf(kind, { ...body, lim: { ...lim, [key]: value } });
    for (const key of ['frame', 'msg']) {
      expect([1_024, 1_025, Number.MAX_SAFE_INTEGER].map((value) => reason(key, value))).toEqual(
        Array(3).fill('accepted'),
      );
      for (const value of [undefined, ...badSize])
        expect(reason(key, value)).toBe(`${what}: lim.${key} is missing or wrong`);
    }
    for (const value of [undefined, null, 0, -1, 1.5, '1']) {
      expect(reason('inflight', value)).toBe(`${what}: lim.inflight is missing or wrong`);
    }
  });

  test('at most 64 capabilities', () => {
    const caps = (count: number): string[] => Array.from({ length: count }, (_, i) => `c${i}`);
    expect([63, 64].map((count) => reasonOf(32, { ...hello, caps: caps(count) }))).toEqual(['accepted', 'accepted']);
    expect(reasonOf(32, { ...hello, caps: caps(65) })).toBe('hello: caps is missing or wrong');
  });
});

describe('resume of a hello', () => {
  const reason = (change: Body): string => reasonOf(32, { ...hello, resume: { ...resume, ...change } });

  test('passes with ids of up to 128 bytes', () => {
    expect(reason({})).toBe('accepted');
    expect(reason({ sid: 's'.repeat(128), tok: 't'.repeat(128) })).toBe('accepted');
  });

  test.each(badMap)('is not %j', (value) =>
    expect(reasonOf(32, { ...hello, resume: value })).toBe('hello: resume is missing or wrong'),
  );

  test.each<[string, readonly unknown[]]>([
    ['sid', badName],
    ['tok', badName],
    ['n', badCount],
    ['recv', badCount],
    ['first', [...badCount, 0]],
  ])('must have %s, of the right type', (key, values) => {
    for (const value of [undefined, ...values])
      expect(reason({ [key]: value })).toBe(`resume: ${key} is missing or wrong`);
  });
});

test('contract and credential of a hello', () => {
  expect(reasonOf(32, { ...hello, contract: 'fleet@3', auth: { any: ['thing'] } })).toBe('accepted');
  for (const contract of badName)
    expect(reasonOf(32, { ...hello, contract })).toBe('hello: contract is missing or wrong');
});

describe('welcome', () => {
  test('a heartbeat needs a rhythm', () => {
    const reason = (every: unknown, grace: unknown): string => reasonOf(33, { ...welcome, hb: { every, grace } });
    expect(reason(25_000, 20_000)).toBe('accepted');
    for (const every of [0, ...badDuration]) expect(reason(every, 0)).toBe('welcome: hb.every is missing or wrong');
    for (const grace of badDuration) expect(reason(1, grace)).toBe('welcome: hb.grace is missing or wrong');
  });

  test('a reason of a later version reads as policy', () => {
    const why = (value: unknown): unknown =>
      (parsePacket([0, 0, [33, { ...welcome, why: value }]]).frames[0] as [number, Body])[1]['why'];
    for (const known of ['unknown', 'expired', 'overflow', 'principal', 'policy', undefined])
      expect(why(known)).toBe(known);
    expect(why('full-moon')).toBe('policy');
    expect(why('toString')).toBe('policy');
    expect(() => why(5)).toThrow('welcome: why is missing or wrong');
    expect(() => why(null)).toThrow('welcome: why is missing or wrong');
  });
});

describe('reject', () => {
  test('passes with and without a hint', () => {
    expect(reasonOf(34, 4401, '')).toBe('accepted');
    expect(reasonOf(34, 1_000, 'm', null)).toBe('accepted');
    expect(reasonOf(34, 4_999, 'm', {})).toBe('accepted');
    expect(reasonOf(34, 4521, 'm', { retryAfter: 0, url: 'wss://x', later: 1 }, 'later')).toBe('accepted');
  });

  test.each([undefined, null, 999, 5_000, 4401.5, '4401'])('the code is not %j', (code) =>
    expect(reasonOf(34, code, 'm')).toBe('reject: code is missing or wrong'),
  );

  test.each([5, 'x', [], true])('the hint is not %j', (hint) =>
    expect(reasonOf(34, 4401, 'm', hint)).toBe('reject: hint is missing or wrong'),
  );

  test('what the hint says is checked', () => {
    for (const retryAfter of badDuration) {
      expect(reasonOf(34, 4503, 'm', { retryAfter })).toBe('reject: retryAfter is missing or wrong');
    }
    for (const url of [null, 5, '']) expect(reasonOf(34, 4521, 'm', { url })).toBe('reject: url is missing or wrong');
  });
});

test('a url has up to 2,048 bytes', () => {
  const reasons = (url: string): string[] => [reasonOf(34, 4521, 'm', { url }), reasonOf(37, { ...goaway, url })];
  expect(reasons('u'.repeat(2_048))).toEqual(['accepted', 'accepted']);
  for (const url of ['u'.repeat(2_049), 'é'.repeat(1_025)]) {
    expect(reasons(url)).toEqual(['reject: url is missing or wrong', 'goaway: url is missing or wrong']);
  }
  for (const url of [null, 5, '']) expect(reasonOf(37, { ...goaway, url })).toBe('goaway: url is missing or wrong');
});
