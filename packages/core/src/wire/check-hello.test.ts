import { expect, test } from 'vitest';
import { checkHello } from './check-hello.ts';
import { WireError } from './wire-error.ts';

type Body = Record<string, unknown>;

const lim = { frame: 1_024, msg: 1_024, inflight: 1 };
const hello: Body = { v: 0, caps: [], lim };
const resume: Body = { sid: 's', tok: 't', n: 0, recv: 0, first: 1 };

function reasonOf(body: unknown): string {
  try {
    checkHello(body);
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
const badMap = [null, 5, 'x', [], new Uint8Array(1)];
const badSize = [null, 1_023, 1_024.5, -1, '2048'];

test('passes with what it must have, and with keys of later versions', () => {
  expect(checkHello(hello)).toBe(hello);
  expect(reasonOf({ ...hello, later: { a: 1 } })).toBe('accepted');
});

test.each([undefined, ...badMap])('is not %j', (body) => expect(reasonOf(body)).toBe('hello is missing or wrong'));

test.each<[string, readonly unknown[]]>([
  ['v', badCount],
  ['caps', [null, 'a', {}, [5], ['']]],
  ['lim', badMap],
])('must have %s, of the right type', (key, values) => {
  const expected = `hello.${key} is missing or wrong`;
  expect(reasonOf(without(hello, key))).toBe(expected);
  for (const value of values) expect(reasonOf({ ...hello, [key]: value })).toBe(expected);
});

test('limits: sizes from 1,024, calls from 1', () => {
  const reason = (key: string, value: unknown): string => reasonOf({ ...hello, lim: { ...lim, [key]: value } });
  for (const key of ['frame', 'msg']) {
    for (const value of [1_024, 1_025, Number.MAX_SAFE_INTEGER]) expect(reason(key, value)).toBe('accepted');
    for (const value of [undefined, ...badSize])
      expect(reason(key, value)).toBe(`hello.lim.${key} is missing or wrong`);
  }
  for (const value of [undefined, null, 0, -1, 1.5, '1']) {
    expect(reason('inflight', value)).toBe('hello.lim.inflight is missing or wrong');
  }
});

test('at most 64 capabilities', () => {
  const caps = (count: number): string[] => Array.from({ length: count }, (_, i) => `c${i}`);
  expect([63, 64].map((count) => reasonOf({ ...hello, caps: caps(count) }))).toEqual(['accepted', 'accepted']);
  expect(reasonOf({ ...hello, caps: caps(65) })).toBe('hello.caps is missing or wrong');
});

test('contract and credential', () => {
  expect(reasonOf({ ...hello, contract: 'fleet@3', auth: { any: ['thing'] } })).toBe('accepted');
  for (const contract of badName) expect(reasonOf({ ...hello, contract })).toBe('hello.contract is missing or wrong');
});

test('a resume passes with ids of up to 128 bytes', () => {
  expect(reasonOf({ ...hello, resume })).toBe('accepted');
  expect(reasonOf({ ...hello, resume: { ...resume, sid: 's'.repeat(128), tok: 't'.repeat(128) } })).toBe('accepted');
});

test.each(badMap)('a resume is not %j', (value) =>
  expect(reasonOf({ ...hello, resume: value })).toBe('hello.resume is missing or wrong'),
);

test.each<[string, readonly unknown[]]>([
  ['sid', badName],
  ['tok', badName],
  ['n', badCount],
  ['recv', badCount],
  ['first', [...badCount, 0]],
])('a resume must have %s, of the right type', (key, values) => {
  for (const value of [undefined, ...values]) {
    expect(reasonOf({ ...hello, resume: { ...resume, [key]: value } })).toBe(`hello.resume.${key} is missing or wrong`);
  }
});
