import { expect, it } from 'vitest';
import { Fanned, Sequence } from './workload.ts';

it('takes numbers once and in order', () => {
  const sequence = new Sequence();
  sequence.take(0);
  sequence.take(1);
  expect(() => sequence.take(1)).toThrow('number 1 arrived where 2 was expected');
  expect(() => sequence.take(3)).toThrow('number 3 arrived');
  expect(sequence.next).toBe(2);
});

it('keeps an order for every recipient, and counts all', () => {
  const fanned = new Fanned(2);
  fanned.take(0, 0);
  fanned.take(1, 0);
  fanned.take(0, 1);
  expect(fanned.arrived).toBe(3);
  expect(() => fanned.take(0, 1)).toThrow('number 0 came to 1, where 1 was expected');
  expect(() => fanned.take(3, 0)).toThrow('number 3 came to 0');
  expect(fanned.arrived).toBe(3);
});

it('lets nothing come to somebody who is not among the recipients', () => {
  expect(() => new Fanned(2).take(0, 2)).toThrow('number 0 came to 2');
});
