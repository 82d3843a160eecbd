import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FrameScheduler, frameTimeout } from './frame-scheduler.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('FrameScheduler', () => {
  test('runs all that was scheduled in one frame callback, each work once, in order', () => {
    const request = vi.spyOn(globalThis, 'requestAnimationFrame');
    const frames = new FrameScheduler();
    const ran: string[] = [];
    const a = (): void => void ran.push('a');
    const b = (): void => void ran.push('b');
    frames.schedule(a);
    frames.schedule(b);
    frames.schedule(a);
    expect(ran).toEqual([]);
    vi.advanceTimersToNextFrame();
    expect(ran).toEqual(['a', 'b']);
    expect(request).toHaveBeenCalledTimes(1);
  });

  test('leaves nothing armed after a frame', () => {
    const frames = new FrameScheduler();
    frames.schedule(() => {});
    vi.advanceTimersToNextFrame();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('what is scheduled during a frame waits for the next', () => {
    const frames = new FrameScheduler();
    const ran: string[] = [];
    frames.schedule(() => {
      ran.push('first');
      frames.schedule(() => ran.push('second'));
    });
    vi.advanceTimersToNextFrame();
    expect(ran).toEqual(['first']);
    vi.advanceTimersToNextFrame();
    expect(ran).toEqual(['first', 'second']);
  });

  test('in a hidden tab, where no frame comes, the timer takes over and takes the frame back', () => {
    // A browser keeps the request of a hidden tab and answers it when the tab is seen again.
    vi.spyOn(globalThis, 'requestAnimationFrame').mockReturnValue(7);
    const cancel = vi.spyOn(globalThis, 'cancelAnimationFrame');
    const frames = new FrameScheduler();
    const ran: string[] = [];
    frames.schedule(() => ran.push('a'));
    vi.advanceTimersByTime(frameTimeout - 1);
    expect(ran).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ran).toEqual(['a']);
    expect(cancel).toHaveBeenCalledWith(7);
  });

  test('cancelling the last work disarms frame and timer, and it can be scheduled again', () => {
    const frames = new FrameScheduler();
    const ran: string[] = [];
    const a = (): void => void ran.push('a');
    const b = (): void => void ran.push('b');
    frames.schedule(a);
    frames.schedule(b);
    frames.cancel(a);
    expect(vi.getTimerCount()).toBe(2);
    frames.cancel(b);
    expect(vi.getTimerCount()).toBe(0);
    frames.schedule(b);
    vi.advanceTimersToNextFrame();
    expect(ran).toEqual(['b']);
  });
});
