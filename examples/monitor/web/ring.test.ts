import { expect, test } from 'vitest';
import { Ring } from './ring.ts';

function filled(capacity: number, count: number): Ring {
  const ring = new Ring(capacity, 2);
  for (let n = 1; n <= count; n++) ring.push([n, n * 10]);
  return ring;
}

test('is empty at first', () => {
  expect([...new Ring(4, 1).view(0)]).toEqual([]);
});

test.each([
  [3, [1, 2, 3]],
  [4, [1, 2, 3, 4]],
  [5, [2, 3, 4, 5]],
  [8, [5, 6, 7, 8]],
  [11, [8, 9, 10, 11]],
])('shows the last four of %i rows in order', (count, expected) => {
  const ring = filled(4, count);
  expect(ring.length).toBe(expected.length);
  expect([...ring.view(0)]).toEqual(expected);
  expect([...ring.view(1)]).toEqual(expected.map((n) => n * 10));
});

test('copies nothing', () => {
  const ring = filled(4, 6);
  expect(ring.view(0).buffer).toBe(ring.view(0).buffer);
});

test('has no values in a column it does not have', () => {
  expect(filled(4, 2).view(9)).toHaveLength(0);
});
