import { describe, expect, test } from 'vitest';
import { checkWelcome } from './check-welcome.ts';
import { WireError } from './wire-error.ts';

type Body = Record<string, unknown>;

const lim = { frame: 1_024, msg: 1_024, inflight: 1 };
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

function reasonOf(body: unknown): string {
  try {
    checkWelcome(body);
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

test('passes with what it must have, and with keys of later versions', () => {
  expect(checkWelcome(welcome)).toBe(welcome);
  expect(reasonOf({ ...welcome, later: { a: 1 } })).toBe('accepted');
  expect(reasonOf({ ...welcome, sid: 's'.repeat(128), tok: 't'.repeat(128) })).toBe('accepted');
});

test.each([undefined, ...badMap])('is not %j', (body) => expect(reasonOf(body)).toBe('welcome is missing or wrong'));

test.each<[string, readonly unknown[]]>([
  ['v', badCount],
  ['sid', badName],
  ['tok', badName],
  ['resumed', [null, 0, 'true']],
  ['recv', badCount],
  ['caps', [null, 'a', {}, [5], ['']]],
  ['lim', badMap],
  ['hb', badMap],
  ['window', badDuration],
  ['spread', badDuration],
])('must have %s, of the right type', (key, values) => {
  const expected = `welcome.${key} is missing or wrong`;
  expect(reasonOf(without(welcome, key))).toBe(expected);
  for (const value of values) expect(reasonOf({ ...welcome, [key]: value })).toBe(expected);
});

test('limits: sizes from 1,024, calls from 1', () => {
  const reason = (key: string, value: unknown): string => reasonOf({ ...welcome, lim: { ...lim, [key]: value } });
  for (const key of ['frame', 'msg']) {
    for (const value of [1_024, 1_025, Number.MAX_SAFE_INTEGER]) expect(reason(key, value)).toBe('accepted');
    for (const value of [undefined, ...badSize])
      expect(reason(key, value)).toBe(`welcome.lim.${key} is missing or wrong`);
  }
  expect(reason('inflight', 2)).toBe('accepted');
  for (const value of [undefined, null, 0, -1, 1.5, '1']) {
    expect(reason('inflight', value)).toBe('welcome.lim.inflight is missing or wrong');
  }
});

test('a heartbeat needs a rhythm', () => {
  const reason = (every: unknown, grace: unknown): string => reasonOf({ ...welcome, hb: { every, grace } });
  expect(reason(25_000, 20_000)).toBe('accepted');
  for (const every of [undefined, 0, ...badDuration]) {
    expect(reason(every, 0)).toBe('welcome.hb.every is missing or wrong');
  }
  for (const grace of [undefined, ...badDuration])
    expect(reason(1, grace)).toBe('welcome.hb.grace is missing or wrong');
});

describe('why a resume was not granted', () => {
  const why = (value: unknown): unknown => checkWelcome({ ...welcome, why: value }).why;

  test.each(['unknown', 'expired', 'overflow', 'principal', 'policy', undefined])('%s is known', (known) =>
    expect(why(known)).toBe(known),
  );

  test.each(['full-moon', 'toString', '', 'unknown ', 'expired\n', 'policy2'])('%j reads as policy', (later) => {
    const body = { ...welcome, why: later };
    expect(checkWelcome(body)).toEqual({ ...welcome, why: 'policy' });
    expect(body.why).toBe(later);
  });

  test.each([5, null, ['unknown']])('is not %j', (value) =>
    expect(reasonOf({ ...welcome, why: value })).toBe('welcome.why is missing or wrong'),
  );
});
