import { expect, it } from 'vitest';
import { readArguments } from './arguments.ts';

const known = { experiments: ['feed', 'messages'], scale: ['names'], profile: ['feed', 'connections'] };

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

it('takes parts of the scale bench with --scale, and those alone', () => {
  expect(readArguments(['--scale', '--only', 'names', '--docs'], known)).toMatchObject({
    scale: true,
    only: ['names'],
  });
  expect(() => readArguments(['--scale', '--only', 'feed'], known)).toThrow(
    'There is no feed; --scale --only takes names.',
  );
});

it('runs once what is named twice', () => {
  expect(readArguments(['--only', 'feed, feed,'], known).only).toEqual(['feed']);
});

it('refuses two runs in one', () => {
  expect(() => readArguments(['--scale', '--guard'], known)).toThrow('--scale and --guard are runs of their own');
});

it('refuses what a run would not heed', () => {
  expect(() => readArguments(['--micro', '--only', 'feed'], known)).toThrow('--micro does not take --only.');
  expect(() => readArguments(['--scale', '--rounds', '3'], known)).toThrow('--scale does not take --rounds.');
});

it('takes what can be profiled with --profile', () => {
  expect(readArguments(['--profile', '--only', 'connections'], known)).toMatchObject({
    profile: true,
    only: ['connections'],
  });
  expect(() => readArguments(['--profile', '--only', 'messages'], known)).toThrow(
    'There is no messages; --profile --only takes feed, connections.',
  );
});
