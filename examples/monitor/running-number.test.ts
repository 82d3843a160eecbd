import { expect, test } from 'vitest';
import { RunningNumber } from './running-number.ts';

function tallyOf(...numbers: number[]): ReturnType<RunningNumber['tally']> {
  const row = new RunningNumber();
  for (const n of numbers) row.accept(n);
  return row.tally();
}

test('starts empty', () => {
  expect(tallyOf()).toEqual({ first: 0, last: 0, received: 0, missing: 0, duplicates: 0 });
});

test('counts from wherever the row was joined', () => {
  expect(tallyOf(41, 42, 43)).toEqual({ first: 41, last: 43, received: 3, missing: 0, duplicates: 0 });
});

test('counts every number of a hole', () => {
  expect(tallyOf(1, 2, 6)).toMatchObject({ received: 3, missing: 3, last: 6 });
});

test('counts a repeated number without taking it again', () => {
  expect(tallyOf(1, 2, 3, 2, 3, 4)).toEqual({ first: 1, last: 4, received: 4, missing: 0, duplicates: 2 });
});
