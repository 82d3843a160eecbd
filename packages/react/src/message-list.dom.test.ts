import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MessageList, noMessages } from './message-list.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function fill(list: MessageList, from: number, to: number): void {
  for (let i = from; i <= to; i += 1) list.add(i);
}

describe('MessageList', () => {
  test('shows nothing before the frame, and all of it in one new array after', () => {
    const list = new MessageList(10);
    let told = 0;
    list.subscribe(() => (told += 1));
    fill(list, 1, 3);
    expect(list.messages()).toBe(noMessages);
    expect(list.last()).toBeUndefined();
    vi.advanceTimersToNextFrame();
    expect(list.messages()).toEqual([1, 2, 3]);
    expect(list.last()).toBe(3);
    expect(told).toBe(1);
    const shown = list.messages();
    fill(list, 4, 4);
    expect(list.messages()).toBe(shown);
    vi.advanceTimersToNextFrame();
    expect(list.messages()).toEqual([1, 2, 3, 4]);
    expect(shown).toEqual([1, 2, 3]);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 20])('a limit of 4 keeps the newest after a burst of %i', (burst) => {
    const list = new MessageList(4);
    fill(list, 1, burst);
    vi.advanceTimersToNextFrame();
    fill(list, burst + 1, burst + 2);
    vi.advanceTimersToNextFrame();
    const all = Array.from({ length: burst + 2 }, (_, i) => i + 1);
    expect(list.messages()).toEqual(all.slice(-4));
  });

  test('a burst never holds more than twice the limit', () => {
    const list = new MessageList(2);
    const slice = vi.spyOn(Array.prototype, 'slice');
    for (let i = 0; i < 100; i += 1) list.add({ i });
    const sizes = slice.mock.contexts.filter(Array.isArray).map((array: unknown[]) => array.length);
    slice.mockRestore();
    expect(Math.max(...sizes)).toBe(4);
    list.settle();
    expect(list.messages()).toEqual([{ i: 98 }, { i: 99 }]);
  });

  test('batch none shows at once', () => {
    const list = new MessageList(2);
    let told = 0;
    list.subscribe(() => (told += 1));
    list.add('a', 'none');
    list.add('b', 'none');
    expect(list.messages()).toEqual(['a', 'b']);
    expect(told).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a smaller limit trims with the next frame, a larger one keeps what is there', () => {
    const list = new MessageList(5);
    fill(list, 1, 5);
    vi.advanceTimersToNextFrame();
    list.resize(9);
    expect(vi.getTimerCount()).toBe(0);
    list.resize(2);
    vi.advanceTimersToNextFrame();
    expect(list.messages()).toEqual([4, 5]);
  });

  test('settle takes in what arrived, tells nobody and leaves nothing armed', () => {
    const list = new MessageList(5);
    let told = 0;
    list.subscribe(() => (told += 1));
    fill(list, 1, 2);
    list.settle();
    expect(list.messages()).toEqual([1, 2]);
    expect(told).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    const shown = list.messages();
    list.settle();
    expect(list.messages()).toBe(shown);
  });

  test('an unsubscribed listener is not told', () => {
    const list = new MessageList(5);
    let told = 0;
    list.subscribe(() => (told += 1))();
    fill(list, 1, 1);
    vi.advanceTimersToNextFrame();
    expect(told).toBe(0);
  });

  test.each([0, -1, Number.NaN, undefined as unknown as number])('a limit of %s is refused', (limit) => {
    expect(() => new MessageList(limit)).toThrow(RangeError);
    expect(() => new MessageList(1).resize(limit)).toThrow('limit of at least 1');
  });
});
