import { describe, expect, it } from 'vitest';
import { Listeners } from './listeners.ts';

function recording(): { listeners: Listeners<[text: string]>; errors: unknown[] } {
  const errors: unknown[] = [];
  return { listeners: new Listeners((error) => errors.push(error)), errors };
}

describe('Listeners', () => {
  it('tells in the order of adding, and a listener that was added twice twice', () => {
    const { listeners } = recording();
    const told: string[] = [];
    const echo = (text: string): void => void told.push(`echo ${text}`);
    listeners.add((text) => told.push(`first ${text}`));
    listeners.add(echo);
    const stop = listeners.add(echo);
    listeners.tell('a');
    stop();
    stop();
    listeners.tell('b');
    expect(told).toEqual(['first a', 'echo a', 'echo a', 'first b', 'echo b']);
    expect(listeners.size).toBe(2);
  });

  it('does not tell one that was removed meanwhile, and tells one that was added meanwhile the next time', () => {
    const { listeners } = recording();
    const told: string[] = [];
    listeners.add((text) => {
      told.push(`a ${text}`);
      stop();
      if (text === '1') listeners.add((late) => told.push(`late ${late}`));
    });
    const stop = listeners.add((text) => told.push(`b ${text}`));
    listeners.add((text) => told.push(`c ${text}`));
    listeners.tell('1');
    listeners.tell('2');
    expect(told).toEqual(['a 1', 'c 1', 'a 2', 'c 2', 'late 2']);
  });

  it('passes on what a listener throws, and goes on', () => {
    const { listeners, errors } = recording();
    const told: string[] = [];
    const fault = new Error('mine');
    listeners.add(() => {
      throw fault;
    });
    listeners.add((text) => told.push(text));
    listeners.tell('x');
    expect(errors).toEqual([fault]);
    expect(told).toEqual(['x']);
  });

  it('tells nobody after clear, not even those whose turn would come', () => {
    const { listeners } = recording();
    const told: string[] = [];
    listeners.add(() => listeners.clear());
    listeners.add((text) => told.push(text));
    listeners.tell('x');
    expect(told).toEqual([]);
    expect(listeners.size).toBe(0);
  });
});
