import { expect, it } from 'vitest';
import { readArguments } from './arguments.ts';

const known = ['feed', 'messages'];

it('runs everything, fully, when nothing is said', () => {
  expect(readArguments([], known)).toMatchObject({ only: [], quick: false, guard: false, rounds: undefined });
});

it('takes a list of names, and a number of rounds', () => {
  expect(readArguments(['--only', 'feed,messages', '--quick', '--rounds', '3'], known)).toMatchObject({
    only: ['feed', 'messages'],
    quick: true,
    rounds: 3,
  });
});

it('names what there is when a name is wrong', () => {
  expect(() => readArguments(['--only', 'feed,food'], known)).toThrow('There is no food; --only takes feed, messages.');
});

it.each(['0', '1.5', 'many'])('refuses %s rounds', (rounds) => {
  expect(() => readArguments(['--rounds', rounds], known)).toThrow('whole number');
});

it('refuses options it does not know', () => {
  expect(() => readArguments(['--fast'], known)).toThrow();
});
