import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FrameScheduler, frameTimeout } from './frame-scheduler.ts';

// Node has no requestAnimationFrame: what is tested here is the timer alone.
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('without animation frames the timer runs what waits', () => {
  expect('requestAnimationFrame' in globalThis).toBe(false);
  const frames = new FrameScheduler();
  const ran: string[] = [];
  frames.schedule(() => ran.push('a'));
  vi.advanceTimersByTime(frameTimeout - 1);
  frames.schedule(() => ran.push('b'));
  expect(ran).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(ran).toEqual(['a', 'b']);
  expect(vi.getTimerCount()).toBe(0);
});
