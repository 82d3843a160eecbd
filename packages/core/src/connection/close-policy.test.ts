import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CloseCode } from '../wire/close-code.ts';
import { closeDecision, codeForClosing, isApplicationCode } from './close-policy.ts';
import type { ClosedReason } from './connection-state.ts';

// Written down again from the table of the protocol, so that a slip in the source shows.
const stops: readonly [code: number, reason: ClosedReason, error: string][] = [
  [1000, 'server', 'UNAVAILABLE'],
  [1002, 'protocol', 'INTERNAL'],
  [1003, 'protocol', 'INTERNAL'],
  [1007, 'protocol', 'INTERNAL'],
  [1008, 'protocol', 'INTERNAL'],
  [1010, 'protocol', 'INTERNAL'],
  [4400, 'protocol', 'INTERNAL'],
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
const refreshes = [4401];

describe('codes', () => {
  it.each(stops)('%i stops: %s, %s', (code, reason, error) => {
    expect(closeDecision(code)).toEqual({ action: 'stop', reason, error });
  });

  it.each(paces)('comes back at the pace "%s", not before %i ms: %j', (pace, atLeast, codes) => {
    for (const code of codes) expect(closeDecision(code)).toMatchObject({ action: 'retry', pace, atLeast });
  });

  it('asks for a new credential after 4401', () => {
    expect(closeDecision(4401)).toEqual({ action: 'refresh', error: 'UNAUTHENTICATED' });
  });

  it('tells a rate limit from an overload', () => {
    expect([closeDecision(4529), closeDecision(4503)].map(({ error }) => error)).toEqual([
      'RATE_LIMITED',
      'UNAVAILABLE',
    ]);
  });

  it('is decided on purpose for every code of the protocol', () => {
    const listed = [...stops.map(([code]) => code), ...paces.flatMap(([, , codes]) => codes), ...refreshes];
    expect(new Set(listed)).toEqual(new Set(Object.values(CloseCode)));
  });
});

describe('unknown codes follow their class', () => {
  const known: ReadonlySet<number> = new Set(Object.values(CloseCode));
  const unknown = (min: number, max: number): fc.Arbitrary<number> =>
    fc.integer({ min, max }).filter((code) => !known.has(code));

  it('44xx: something must change first', () => {
    fc.assert(fc.property(unknown(4400, 4499), (code) => closeDecision(code).action === 'stop'));
    expect(closeDecision(4404)).toMatchObject({ reason: 'protocol' });
  });

  it('45xx and those of WebSocket: come back', () => {
    const codes = fc.oneof(unknown(4500, 4599), unknown(0, 2_999), unknown(5_000, 70_000));
    fc.assert(fc.property(codes, (code) => closeDecision(code).action === 'retry'));
  });

  it('the rest belongs to applications: the server ended it', () => {
    const codes = fc.oneof(unknown(3_000, 4_399), unknown(4_600, 4_999));
    fc.assert(
      fc.property(codes, (code) => {
        expect(isApplicationCode(code)).toBe(true);
        expect(closeDecision(code)).toMatchObject({ action: 'stop', reason: 'server' });
      }),
    );
  });

  it.each([2_999, 4_400, 4_599, 5_000])('%i is no code of an application', (code) => {
    expect(isApplicationCode(code)).toBe(false);
  });

  it.each([3_000, 4_399, 4_600, 4_999])('%i is one', (code) => {
    expect(isApplicationCode(code)).toBe(true);
  });

  it('is total, even over nonsense', () => {
    fc.assert(fc.property(fc.double(), (code) => closeDecision(code) !== undefined));
  });
});

describe('HTTP statuses of a refused upgrade', () => {
  it.each([
    [401, 4401],
    [403, 4403],
    [426, 4406],
    [429, 4529],
    [503, 4503],
    [200, 1006],
    [301, 1006],
    [400, 1006],
    [404, 1006],
    [502, 1006],
    [504, 1006],
  ])('%i counts as %i', (status, code) => {
    expect(closeDecision(1006, status)).toEqual(closeDecision(code));
  });
});

it.each<[ClosedReason, number]>([
  ['client', 1000],
  ['server', 1000],
  ['gave-up', 1000],
  ['protocol', 4400],
  ['forbidden', 4403],
  ['incompatible', 4406],
])('closing as %s tells the other side %i', (reason, code) => {
  expect(codeForClosing(reason)).toBe(code);
});
