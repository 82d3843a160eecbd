import { expect, test } from 'vitest';
import { selection } from './selection.ts';

test('selects once per snapshot, so that a selector may build a new object', () => {
  let snapshot = { n: 1 };
  let ran = 0;
  const read = selection(
    () => snapshot,
    ({ n }) => {
      ran += 1;
      return { twice: n * 2 };
    },
  );
  const first = read();
  expect(first).toEqual({ twice: 2 });
  expect(read()).toBe(first);
  expect(ran).toBe(1);
  snapshot = { n: 2 };
  expect(read()).toEqual({ twice: 4 });
  expect(read()).not.toBe(first);
  expect(ran).toBe(2);
});

test('a snapshot that selects to undefined is not selected again', () => {
  let ran = 0;
  const read = selection(
    () => 1,
    () => void (ran += 1),
  );
  read();
  read();
  expect(ran).toBe(1);
});
