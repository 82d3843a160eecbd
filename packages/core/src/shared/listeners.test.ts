import { describe, expect, it } from 'vitest';
import { Listeners } from './listeners.ts';

function recording(): { listeners: Listeners<{ word: [text: string] }>; errors: unknown[] } {
  const errors: unknown[] = [];
  return { listeners: new Listeners((name, error) => errors.push([name, error])), errors };
}

describe('Listeners', () => {
  it('tells in the order of adding, and a listener that was added twice twice', () => {
    const { listeners } = recording();
    const told: string[] = [];
    const echo = (text: string): void => void told.push(`echo ${text}`);
    listeners.add('word', (text) => told.push(`first ${text}`));
    listeners.add('word', echo);
    const stop = listeners.add('word', echo);
    listeners.tell('word', 'a');
    stop();
    stop();
    listeners.tell('word', 'b');
    expect(told).toEqual(['first a', 'echo a', 'echo a', 'first b', 'echo b']);
    expect(listeners.has('word')).toBe(true);
  });

  it('does not tell one that was removed meanwhile, and tells one that was added meanwhile the next time', () => {
    const { listeners } = recording();
    const told: string[] = [];
    listeners.add('word', (text) => {
      told.push(`a ${text}`);
      stop();
      if (text === '1') listeners.add('word', (late) => told.push(`late ${late}`));
    });
    const stop = listeners.add('word', (text) => told.push(`b ${text}`));
    listeners.add('word', (text) => told.push(`c ${text}`));
    listeners.tell('word', '1');
    listeners.tell('word', '2');
    expect(told).toEqual(['a 1', 'c 1', 'a 2', 'c 2', 'late 2']);
  });

  it('passes on what a listener throws, and goes on', () => {
    const { listeners, errors } = recording();
    const told: string[] = [];
    const fault = new Error('mine');
    listeners.add('word', () => {
      throw fault;
    });
    listeners.add('word', (text) => told.push(text));
    listeners.tell('word', 'x');
    expect(errors).toEqual([['word', fault]]);
    expect(told).toEqual(['x']);
  });

  it('tells nobody after clear, not even those whose turn would come', () => {
    const { listeners } = recording();
    const told: string[] = [];
    listeners.add('word', () => listeners.clear());
    listeners.add('word', (text) => told.push(text));
    listeners.tell('word', 'x');
    expect(told).toEqual([]);
    expect(listeners.has('word')).toBe(false);
  });

  it('keeps names apart, and remembers those anybody listened to', () => {
    const listeners = new Listeners<{ one: []; two: [] }>(() => undefined);
    let told = 0;
    const stop = listeners.add('one', () => (told += 1));
    listeners.tell('two');
    expect([told, listeners.has('one'), listeners.has('two')]).toEqual([0, true, false]);
    stop();
    expect([listeners.has('one'), [...listeners.names()]]).toEqual([false, ['one']]);
  });
});
