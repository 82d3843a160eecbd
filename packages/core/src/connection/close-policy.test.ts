import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CloseCode } from '../wire/close-code.ts';
import { closeDecision, failureCodes } from './close-policy.ts';
import type { StopReason } from './close-policy.ts';

// Written down again from the table of the protocol, so that a slip in the source shows.
const stops: readonly [code: number, reason: StopReason, error: string][] = [
  [1000, 'server', 'UNAVAILABLE'],
  [1002, 'protocol', 'INTERNAL'],
  [1003, 'protocol', 'INTERNAL'],
  [1007, 'protocol', 'INTERNAL'],
  [1008, 'protocol', 'INTERNAL'],
  [1010, 'protocol', 'INTERNAL'],
  [4400, 'protocol', 'INTERNAL'],
  [4401, 'unauthenticated', 'UNAUTHENTICATED'],
  [4403, 'forbidden', 'FORBIDDEN'],
  [4406, 'incompatible', 'CONTRACT_MISMATCH'],
  [4409, 'server', 'CONFLICT'],
  [4410, 'server', 'UNAVAILABLE'],
  [4413, 'protocol', 'TOO_LARGE'],
];
const paces: readonly [pace: string, atLeast: number, codes: readonly number[]][] = [
  ['spread', 0, [1001, 1005, 1006, 1009, 1011, 1012, 1014, 4500, 4508, 4512, 4521, 4541]],
  ['backoff', 0, [4503, 4529]],
  ['backoff', 10_000, [1013]],
  ['local', 0, [4540, 4542]],
];

const stopOf = (code: number): StopReason | undefined => closeDecision(code)[1];

describe('codes', () => {
  it.each(stops)('%i stops: %s, %s', (code, reason, error) => {
    expect(closeDecision(code)).toEqual([error, reason]);
  });

  it.each(paces)('comes back at the pace "%s", not before %i ms: %j', (pace, atLeast, codes) => {
    for (const code of codes) {
      const [, stop, soon = 'spread', least = 0] = closeDecision(code);
      expect([code, stop, soon, least]).toEqual([code, undefined, pace, atLeast]);
    }
  });

  it('tells a rate limit and a timeout from an overload', () => {
    const errors = [4529, 4508, 4503, 1013, 1006, 4500, 4542].map((code) => closeDecision(code)[0]);
    expect(errors).toEqual([
      'RATE_LIMITED',
      'TIMEOUT',
      'UNAVAILABLE',
      'UNAVAILABLE',
      'UNAVAILABLE',
      'UNAVAILABLE',
      'UNAVAILABLE',
    ]);
  });

  it('is decided on purpose for every code of the protocol', () => {
    const listed = [...stops.map(([code]) => code), ...paces.flatMap(([, , codes]) => codes)];
    expect(new Set(listed)).toEqual(new Set(Object.values(CloseCode)));
  });
});

describe('unknown codes follow their class', () => {
  const known: ReadonlySet<number> = new Set(Object.values(CloseCode));
  const unknown = (min: number, max: number): fc.Arbitrary<number> =>
    fc.integer({ min, max }).filter((code) => !known.has(code));

  it('44xx: something must change first', () => {
    fc.assert(fc.property(unknown(4400, 4499), (code) => stopOf(code) === 'protocol'));
  });

  it('45xx and those of WebSocket: come back', () => {
    const codes = fc.oneof(unknown(4500, 4599), unknown(1_000, 2_999), unknown(5_000, 70_000));
    fc.assert(fc.property(codes, (code) => stopOf(code) === undefined));
  });

  it('the rest belongs to applications: the server ended it', () => {
    const codes = fc.oneof(unknown(3_000, 4_399), unknown(4_600, 4_999));
    fc.assert(fc.property(codes, (code) => stopOf(code) === 'server'));
  });

  it.each([2_999, 4_500, 4_599, 5_000])('%i is no code of an application', (code) => {
    expect(stopOf(code)).toBeUndefined();
  });

  it.each([3_000, 4_399, 4_600, 4_999])('%i is one', (code) => {
    expect(stopOf(code)).toBe('server');
  });

  it('is total, and nonsense comes back', () => {
    fc.assert(fc.property(fc.double(), (code) => closeDecision(code).length > 0));
    expect([Number.NaN, Infinity, -1].map(stopOf)).toEqual([undefined, undefined, undefined]);
  });
});

describe('HTTP statuses of a refused upgrade', () => {
  it.each([
    [401, 4401],
    [403, 4403],
    [426, 4406],
    [429, 4529],
    [200, 1006],
    [301, 1006],
    [400, 1006],
    [404, 1006],
    [410, 1006],
    [502, 1006],
    // A refused upgrade is a failed try: it backs off by itself.
    [503, 1006],
    [504, 1006],
  ])('%i counts as %i', (status, code) => {
    expect(closeDecision(status)).toEqual(closeDecision(code));
  });

  it('never stop because of a status that may pass', () => {
    const stopping = Array.from({ length: 500 }, (_, i) => 100 + i).filter((status) => stopOf(status) !== undefined);
    expect(stopping).toEqual([401, 403, 426]);
  });
});

it('a failure of the driver stops like the close code that says the same', () => {
  const outcomes = Object.entries(failureCodes).map(([error, code]) => [error, ...closeDecision(code)]);
  expect(outcomes).toEqual([
    ['UNAUTHENTICATED', 'UNAUTHENTICATED', 'unauthenticated'],
    ['FORBIDDEN', 'FORBIDDEN', 'forbidden'],
    ['CONTRACT_MISMATCH', 'CONTRACT_MISMATCH', 'incompatible'],
  ]);
});
